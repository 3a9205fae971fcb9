# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The ledger: double entries that are only ever added, balanced when their transaction ends.

Imports nothing of the application.
"""

from alembic import op

revision = "20261121_ledger"
down_revision = "20261121_recovery"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE ledger_entries (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    fact_id UUID NOT NULL,
    kind TEXT NOT NULL,
    source_id UUID NOT NULL,
    owner_id UUID,
    payment_id UUID,
    account TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    currency TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    balance_transaction_ref TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_ledger_entries PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_ledger_entries_tenant_id_payment_id_payments FOREIGN KEY(tenant_id, payment_id)
        REFERENCES payments (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_ledger_entries_account CHECK (account IN ('customer', 'business', 'bank', 'platform', 'processor',
        'gift_card_liability', 'tax')),
    CONSTRAINT ck_ledger_entries_amount CHECK (amount_cents <> 0)
);

CREATE UNIQUE INDEX ix_ledger_entries_tenant_id_kind_source_id_account ON ledger_entries (tenant_id, kind, source_id,
    account);

CREATE INDEX ix_ledger_entries_tenant_id_fact_id ON ledger_entries (tenant_id, fact_id);

CREATE INDEX ix_ledger_entries_tenant_id_occurred_at ON ledger_entries (tenant_id, occurred_at);

CREATE INDEX ix_ledger_entries_tenant_id_owner_id ON ledger_entries (tenant_id, owner_id);

CREATE INDEX ix_ledger_entries_tenant_id_payment_id ON ledger_entries (tenant_id, payment_id);
"""

CHANGES = """
ALTER TABLE payments ADD COLUMN tax_cents BIGINT DEFAULT '0' NOT NULL,
    ADD CONSTRAINT ck_payments_tax CHECK (tax_cents >= 0) NOT VALID;

ALTER TABLE payout_accounts ADD COLUMN live BOOLEAN DEFAULT 'false' NOT NULL;

ALTER TABLE refunds ADD COLUMN application_fee_refunded_cents BIGINT DEFAULT '0' NOT NULL,
    ADD COLUMN tax_cents BIGINT DEFAULT '0' NOT NULL,
    ADD COLUMN origin TEXT DEFAULT 'tithi' NOT NULL,
    ADD CONSTRAINT ck_refunds_origin CHECK (origin IN ('tithi', 'processor')) NOT VALID;
"""

GUARDS = """
CREATE FUNCTION ledger_is_balanced() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER
    SET search_path = pg_catalog, public
AS $body$
BEGIN
    IF EXISTS (
        SELECT FROM ledger_entries e WHERE e.tenant_id = NEW.tenant_id AND e.fact_id = NEW.fact_id
        GROUP BY e.currency HAVING sum(e.amount_cents) <> 0
    ) THEN
        RAISE EXCEPTION 'the entries of % % do not sum to nothing', NEW.kind, NEW.source_id USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END
$body$;

CREATE FUNCTION ledger_is_kept() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog
AS $body$
BEGIN
    RAISE EXCEPTION 'entries of the ledger are never changed or taken away' USING ERRCODE = '42501';
END
$body$;

REVOKE EXECUTE ON FUNCTION ledger_is_balanced(), ledger_is_kept() FROM PUBLIC;

CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_entries DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger_is_balanced();

CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_kept();
"""

VIEWS = """
CREATE VIEW ledger_facts WITH (security_invoker = true) AS
    SELECT e.tenant_id, e.fact_id, e.kind, e.source_id, e.currency,
        (array_agg(e.owner_id))[1] AS owner_id, (array_agg(e.payment_id))[1] AS payment_id,
        min(e.occurred_at) AS occurred_at, max(e.balance_transaction_ref) AS balance_transaction_ref,
        jsonb_object_agg(e.account, e.amount_cents) AS lines
    FROM ledger_entries e GROUP BY e.tenant_id, e.fact_id, e.kind, e.source_id, e.currency;

GRANT SELECT ON ledger_facts TO tithi_app, tithi_worker;
"""

OWN_TENANT = "tenant_id = (SELECT current_tenant_id())"
BOUND = "tithi_app, tithi_worker, tithi_owner"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.execute(TABLES)
    op.execute(CHANGES)
    for action, condition in (
        ("SELECT", f"USING ({OWN_TENANT})"),
        ("INSERT", f"WITH CHECK ({OWN_TENANT})"),
        ("UPDATE", f"USING ({OWN_TENANT}) WITH CHECK ({OWN_TENANT})"),
        ("DELETE", f"USING ({OWN_TENANT})"),
    ):
        op.execute(f"CREATE POLICY tenant_{action.lower()} ON ledger_entries FOR {action} TO {BOUND} {condition}")
    op.execute("ALTER TABLE ledger_entries ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE ledger_entries FORCE ROW LEVEL SECURITY")
    op.execute("GRANT SELECT, INSERT ON ledger_entries TO tithi_app, tithi_worker")
    op.execute(GUARDS)
    op.execute(VIEWS)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP VIEW ledger_facts")
    op.execute("DROP TABLE ledger_entries")
    op.execute("DROP FUNCTION ledger_is_balanced(), ledger_is_kept()")
    op.execute(
        "ALTER TABLE refunds DROP COLUMN application_fee_refunded_cents CASCADE, DROP COLUMN tax_cents CASCADE,"
        " DROP COLUMN origin CASCADE"
    )
    op.execute("ALTER TABLE payout_accounts DROP COLUMN live CASCADE")
    op.execute("ALTER TABLE payments DROP COLUMN tax_cents CASCADE")

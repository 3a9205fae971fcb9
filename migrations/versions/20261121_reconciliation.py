# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Reconciliation: what the processor's books say, mirrored, and where ours differ from them.

Imports nothing of the application.
"""

from alembic import op

revision = "20261121_reconciliation"
down_revision = "20261121_ledger_checked"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE balance_movements (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    entry_ref TEXT NOT NULL,
    kind TEXT NOT NULL,
    source_ref TEXT,
    fact_kind TEXT,
    source_id UUID,
    amount_cents BIGINT NOT NULL,
    processor_fee_cents BIGINT NOT NULL,
    application_fee_cents BIGINT NOT NULL,
    net_cents BIGINT NOT NULL,
    currency TEXT NOT NULL,
    payout_ref TEXT,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_balance_movements PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX ix_balance_movements_tenant_id_entry_ref ON balance_movements (tenant_id, entry_ref);

CREATE INDEX ix_balance_movements_tenant_id_occurred_at ON balance_movements (tenant_id, occurred_at);

CREATE INDEX ix_balance_movements_tenant_id_payout_ref ON balance_movements (tenant_id, payout_ref);

CREATE INDEX ix_balance_movements_tenant_id_source_id ON balance_movements (tenant_id, source_id);

CREATE TABLE disputes (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    payment_id UUID,
    owner_id UUID,
    account_ref TEXT NOT NULL,
    dispute_ref TEXT NOT NULL,
    charge_ref TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    fee_cents BIGINT DEFAULT '0' NOT NULL,
    currency TEXT NOT NULL,
    due_by TIMESTAMP WITH TIME ZONE,
    submission TEXT DEFAULT 'none' NOT NULL,
    submitted_evidence JSONB,
    submitted_by TEXT,
    submitted_at TIMESTAMP WITH TIME ZONE,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_disputes PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_disputes_tenant_id_payment_id_payments FOREIGN KEY(tenant_id, payment_id)
        REFERENCES payments (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_disputes_status CHECK (status IN ('needs_response', 'under_review', 'won', 'lost', 'warning',
        'closed')),
    CONSTRAINT ck_disputes_submission CHECK (submission IN ('none', 'submitting', 'submitted', 'elsewhere')),
    CONSTRAINT ck_disputes_amount CHECK (amount_cents > 0)
);

CREATE UNIQUE INDEX ix_disputes_tenant_id_dispute_ref ON disputes (tenant_id, dispute_ref);

CREATE INDEX ix_disputes_tenant_id_payment_id ON disputes (tenant_id, payment_id);

CREATE INDEX ix_disputes_tenant_id_opened_at_id ON disputes (tenant_id, opened_at, id);

CREATE TABLE payment_breaks (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    reference TEXT NOT NULL,
    payment_id UUID,
    ledger_cents BIGINT,
    processor_cents BIGINT,
    currency TEXT NOT NULL,
    status TEXT DEFAULT 'open' NOT NULL,
    resolution TEXT,
    resolved_by TEXT,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    found_at TIMESTAMP WITH TIME ZONE NOT NULL,
    resolved_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_payment_breaks PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_payment_breaks_tenant_id_payment_id_payments FOREIGN KEY(tenant_id, payment_id)
        REFERENCES payments (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_payment_breaks_kind CHECK (kind IN ('missing_payment', 'missing_charge', 'amount_differs',
        'fee_differs', 'refund_missing_here', 'refund_missing_there', 'dispute_missing_here', 'ledger_unbalanced_day',
        'payout_differs', 'duplicate_charge', 'status_differs')),
    CONSTRAINT ck_payment_breaks_status CHECK (status IN ('open', 'resolved')),
    CONSTRAINT ck_payment_breaks_resolution CHECK ((status = 'resolved') = (resolved_at IS NOT NULL))
);

CREATE UNIQUE INDEX ix_payment_breaks_tenant_id_kind_reference ON payment_breaks (tenant_id, kind, reference);

CREATE INDEX ix_payment_breaks_tenant_id_found_at_id ON payment_breaks (tenant_id, found_at, id);

CREATE INDEX ix_payment_breaks_tenant_id_payment_id ON payment_breaks (tenant_id, payment_id);

CREATE TABLE payouts (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    payout_ref TEXT NOT NULL,
    status TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    currency TEXT NOT NULL,
    is_automatic BOOLEAN NOT NULL,
    failure_reason TEXT,
    arrives_on TIMESTAMP WITH TIME ZONE NOT NULL,
    initiated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_payouts PRIMARY KEY (tenant_id, id),
    CONSTRAINT ck_payouts_status CHECK (status IN ('pending', 'in_transit', 'paid', 'failed', 'canceled'))
);

CREATE INDEX ix_payouts_tenant_id_initiated_at_id ON payouts (tenant_id, initiated_at, id);

CREATE UNIQUE INDEX ix_payouts_tenant_id_payout_ref ON payouts (tenant_id, payout_ref);
"""

CHANGES = "ALTER TABLE payout_accounts ADD COLUMN withdrawn_at TIMESTAMP WITH TIME ZONE"

VIEWS = """
CREATE VIEW ledger_by_payout WITH (security_invoker = true) AS
    SELECT m.tenant_id, m.payout_ref, f.fact_id, f.kind, f.source_id, f.currency, f.owner_id, f.payment_id,
        f.occurred_at, f.balance_transaction_ref, f.lines
    FROM balance_movements m JOIN ledger_facts f ON f.tenant_id = m.tenant_id AND f.source_id = m.source_id
        AND (f.kind IN (m.fact_kind, m.fact_kind || '_corrected')
            OR m.fact_kind = 'capture' AND f.kind IN ('processor_fee', 'processor_fee_corrected'))
    WHERE m.payout_ref IS NOT NULL;

GRANT SELECT ON ledger_by_payout TO tithi_app, tithi_worker;
"""

TENANT_TABLES = ("balance_movements", "disputes", "payment_breaks", "payouts")
AUDITED = {"disputes": ("submitted_evidence",), "payment_breaks": (), "payouts": ()}
OWN_TENANT = "tenant_id = (SELECT current_tenant_id())"
BOUND = "tithi_app, tithi_worker, tithi_owner"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.execute(TABLES)
    op.execute(CHANGES)
    for table in TENANT_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        for action, condition in (
            ("SELECT", f"USING ({OWN_TENANT})"),
            ("INSERT", f"WITH CHECK ({OWN_TENANT})"),
            ("UPDATE", f"USING ({OWN_TENANT}) WITH CHECK ({OWN_TENANT})"),
            ("DELETE", f"USING ({OWN_TENANT})"),
        ):
            op.execute(f"CREATE POLICY tenant_{action.lower()} ON {table} FOR {action} TO {BOUND} {condition}")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO tithi_app, tithi_worker")
    for table, masked in AUDITED.items():
        arguments = ", ".join(f"'{column}'" for column in masked)
        op.execute(
            f"CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION audit_row({arguments})"
        )
    op.execute(VIEWS)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP VIEW ledger_by_payout")
    op.execute(f"DROP TABLE {', '.join(TENANT_TABLES)}")
    op.execute("ALTER TABLE payout_accounts DROP COLUMN withdrawn_at")

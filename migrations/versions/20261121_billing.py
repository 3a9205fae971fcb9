# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Billing: the mirror of what a business pays, the changes asked of it, and both in the tenant directory.

Imports nothing of the application. The directory's look-ups are made anew with more columns; callers of the old ones
name the columns they read, so they go on working.
"""

from alembic import op

revision = "20261121_billing"
down_revision = "20261121_promotions_checked"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE subscriptions (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_ref TEXT,
    subscription_ref TEXT,
    item_ref TEXT,
    status TEXT,
    quantity INTEGER NOT NULL,
    unit_amount_cents BIGINT NOT NULL,
    currency TEXT NOT NULL,
    trial_ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    period_ends_at TIMESTAMP WITH TIME ZONE,
    cancels_at_period_end BOOLEAN DEFAULT 'false' NOT NULL,
    canceled_at TIMESTAMP WITH TIME ZONE,
    past_due_since TIMESTAMP WITH TIME ZONE,
    owed_cents BIGINT DEFAULT '0' NOT NULL,
    card_brand TEXT,
    card_last4 TEXT,
    card_exp_month INTEGER,
    card_exp_year INTEGER,
    trial_end_told TIMESTAMP WITH TIME ZONE,
    refreshed_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_subscriptions PRIMARY KEY (tenant_id, id),
    CONSTRAINT ck_subscriptions_status CHECK (status IN (
        'incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'canceled', 'unpaid', 'paused')),
    CONSTRAINT ck_subscriptions_quantity CHECK (quantity >= 0)
);

CREATE UNIQUE INDEX ix_subscriptions_tenant_id ON subscriptions (tenant_id);

CREATE TABLE subscription_changes (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    subscription_id UUID NOT NULL,
    kind TEXT NOT NULL,
    status TEXT DEFAULT 'submitted' NOT NULL,
    parameters JSONB NOT NULL,
    setup_ref TEXT,
    refusal_code TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_subscription_changes PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_subscription_changes_tenant_id_subscription_id_subscriptions
        FOREIGN KEY(tenant_id, subscription_id) REFERENCES subscriptions (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_subscription_changes_kind CHECK (kind IN (
        'start', 'quantity', 'end_trial', 'pause', 'resume', 'pay', 'end_later', 'stay', 'end_now', 'card')),
    CONSTRAINT ck_subscription_changes_status
        CHECK (status IN ('submitted', 'waiting', 'done', 'refused', 'lapsed'))
);

CREATE INDEX ix_subscription_changes_tenant_id_subscription_id_created_at
    ON subscription_changes (tenant_id, subscription_id, created_at);

CREATE UNIQUE INDEX ix_subscription_changes_open ON subscription_changes (tenant_id, kind)
    WHERE status = 'submitted' AND kind <> 'card';
"""

TENANT_TABLES = ("subscriptions", "subscription_changes")
OWN_TENANT = "tenant_id = (SELECT current_tenant_id())"
BOUND = "tithi_app, tithi_worker, tithi_owner"
AUDITED = {"subscriptions": ("customer_ref", "card_last4"), "subscription_changes": ("parameters",)}

DIRECTORY_RIGHTS = """
CREATE POLICY subscriptions_directory ON subscriptions FOR SELECT TO tithi_directory USING (quantity >= 0);
GRANT SELECT (tenant_id, status, trial_ends_at, past_due_since) ON subscriptions TO tithi_directory;
GRANT SELECT (created_at) ON tenants TO tithi_directory;
"""
LOOK_UPS = {"directory_tenant_by_slug": ("text", "slug"), "directory_tenant_by_id": ("uuid", "id")}
WITH_DUES = """
CREATE FUNCTION {name}(wanted {kind}) RETURNS TABLE (id uuid, slug text, status text, created_at timestamptz,
    subscription_status text, trial_ends_at timestamptz, past_due_since timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
    BEGIN ATOMIC
        SELECT t.id, t.slug, t.status, t.created_at, s.status, s.trial_ends_at, s.past_due_since
        FROM public.tenants t LEFT JOIN public.subscriptions s ON s.tenant_id = t.id WHERE t.{column} = wanted;
    END;
"""
WITHOUT_DUES = """
CREATE FUNCTION {name}(wanted {kind}) RETURNS TABLE (id uuid, slug text, status text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
    BEGIN ATOMIC SELECT t.id, t.slug, t.status FROM public.tenants t WHERE t.{column} = wanted; END;
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.execute(TABLES)
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
    op.execute(DIRECTORY_RIGHTS)
    _replace_look_ups(WITH_DUES)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _replace_look_ups(WITHOUT_DUES)
    op.execute("REVOKE SELECT (created_at) ON tenants FROM tithi_directory")
    op.execute("DROP TABLE subscription_changes, subscriptions")


def _replace_look_ups(statement: str) -> None:
    for name, (kind, column) in LOOK_UPS.items():
        function = f"{name}({kind})"
        op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {function}")
        op.execute(statement.format(name=name, kind=kind, column=column))
        op.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO tithi_app, tithi_worker")
        op.execute(f"ALTER FUNCTION {function} OWNER TO tithi_directory")

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Recovery: money that is owed and could not be taken, tips, and customers who may not book until they have paid.

Imports nothing of the application.
"""

from alembic import op

revision = "20261121_recovery"
down_revision = "20261121_offers"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE payment_recoveries (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    step INTEGER DEFAULT '0' NOT NULL,
    began_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_payment_recoveries PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_payment_recoveries_tenant_id_id_payments
        FOREIGN KEY(tenant_id, id) REFERENCES payments (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_payment_recoveries_step CHECK (step BETWEEN 0 AND 4)
);

ALTER TABLE payments ADD COLUMN tip_cents BIGINT DEFAULT '0' NOT NULL;
ALTER TABLE cards ADD COLUMN chosen_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE customers ADD COLUMN blocked_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE customers ADD COLUMN block_reason TEXT;
ALTER TABLE customers ADD COLUMN is_blocked_until_paid BOOLEAN DEFAULT 'false' NOT NULL;
"""
OWN_TENANT = "tenant_id = (SELECT current_tenant_id())"
BOUND = "tithi_app, tithi_worker, tithi_owner"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.execute(TABLE)
    op.execute("ALTER TABLE payment_recoveries ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE payment_recoveries FORCE ROW LEVEL SECURITY")
    for action, condition in (
        ("SELECT", f"USING ({OWN_TENANT})"),
        ("INSERT", f"WITH CHECK ({OWN_TENANT})"),
        ("UPDATE", f"USING ({OWN_TENANT}) WITH CHECK ({OWN_TENANT})"),
        ("DELETE", f"USING ({OWN_TENANT})"),
    ):
        op.execute(f"CREATE POLICY tenant_{action.lower()} ON payment_recoveries FOR {action} TO {BOUND} {condition}")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON payment_recoveries TO tithi_app, tithi_worker")
    op.execute(
        "CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON payment_recoveries"
        " FOR EACH ROW EXECUTE FUNCTION audit_row()"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TABLE payment_recoveries")
    op.execute("ALTER TABLE payments DROP COLUMN tip_cents")
    op.execute("ALTER TABLE cards DROP COLUMN chosen_at")
    op.execute("ALTER TABLE customers DROP COLUMN blocked_at")
    op.execute("ALTER TABLE customers DROP COLUMN block_reason")
    op.execute("ALTER TABLE customers DROP COLUMN is_blocked_until_paid")

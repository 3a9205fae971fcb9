# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The ledger, checked: an index that is built beside the writes, and constraints that were added without looking.

Imports nothing of the application.
"""

from alembic import op

revision = "20261121_ledger_checked"
down_revision = "20261121_ledger"
branch_labels = None
depends_on = None

CONSTRAINTS = {"payments": "ck_payments_tax", "refunds": "ck_refunds_origin"}
INDEX = "ix_payment_attempts_tenant_id_charge_ref"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {INDEX} ON payment_attempts (tenant_id, charge_ref)")
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, constraint in CONSTRAINTS.items():
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {constraint}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"DROP INDEX {INDEX}")

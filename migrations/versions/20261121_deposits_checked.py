# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Deposits, checked: indexes that are built beside the writes, and constraints that were added without looking.

Imports nothing of the application.
"""

from alembic import op

revision = "20261121_deposits_checked"
down_revision = "20261121_deposits"
branch_labels = None
depends_on = None

CONSTRAINTS = {
    "payments": "ck_payments_deposit",
    "card_setups": "fk_card_setups_tenant_id_payment_id_payments",
    "ledger_entries": "ck_ledger_entries_account",
}
INDEXES = {
    "ix_card_setups_tenant_id_payment_id": "INDEX CONCURRENTLY {name} ON card_setups (tenant_id, payment_id)",
    "ix_refunds_tenant_id_part_of": "INDEX CONCURRENTLY {name} ON refunds (tenant_id, part_of)",
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name, index in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE {index.format(name=f'IF NOT EXISTS {name}')}")
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, constraint in CONSTRAINTS.items():
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {constraint}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX ix_card_setups_tenant_id_payment_id")
    op.execute("DROP INDEX ix_refunds_tenant_id_part_of")
    op.execute("CREATE UNIQUE INDEX ix_refunds_tenant_id_part_of ON refunds (tenant_id, part_of)")

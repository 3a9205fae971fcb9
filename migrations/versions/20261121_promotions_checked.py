# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Promotions, checked: indexes that are built beside the writes, and constraints that were added without looking.

Imports nothing of the application.
"""

from alembic import op

revision = "20261121_promotions_checked"
down_revision = "20261121_promotions"
branch_labels = None
depends_on = None

CONSTRAINTS = {
    "refunds": ("ck_refunds_gift_card", "fk_refunds_tenant_id_part_of_refunds"),
    "services": ("fk_services_tenant_id_tax_rate_id_tax_rates",),
}
INDEXES = {
    "ix_services_tenant_id_tax_rate_id": "INDEX CONCURRENTLY {name} ON services (tenant_id, tax_rate_id)",
    "ix_refunds_tenant_id_part_of": "UNIQUE INDEX CONCURRENTLY {name} ON refunds (tenant_id, part_of)",
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name, index in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE {index.format(name=f'IF NOT EXISTS {name}')}")
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, constraints in CONSTRAINTS.items():
        for constraint in constraints:
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {constraint}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX ix_services_tenant_id_tax_rate_id")
    op.execute("DROP INDEX IF EXISTS ix_refunds_tenant_id_part_of")

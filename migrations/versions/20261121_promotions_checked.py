# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Promotions, checked: an index that is built beside the writes, and constraints that were added without looking.

Imports nothing of the application.
"""

from alembic import op

revision = "20261121_promotions_checked"
down_revision = "20261121_promotions"
branch_labels = None
depends_on = None

INDEX = "ix_services_tenant_id_tax_rate_id"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {INDEX} ON services (tenant_id, tax_rate_id)")
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE services VALIDATE CONSTRAINT fk_services_tenant_id_tax_rate_id_tax_rates")
    op.execute("ALTER TABLE refunds VALIDATE CONSTRAINT ck_refunds_gift_card")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(f"DROP INDEX {INDEX}")

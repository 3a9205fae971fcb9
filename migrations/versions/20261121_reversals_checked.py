# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Reversals, checked: an index that is built beside the writes, and constraints that were added without looking.

Imports nothing of the application.
"""

from alembic import op

revision = "20261121_reversals_checked"
down_revision = "20261121_reversals"
branch_labels = None
depends_on = None

CONSTRAINTS = ("ck_receipts_kind", "ck_receipts_total")
INDEX = "ix_receipts_tenant_id_refund_id_kind"
INDEX_BEFORE = "ix_receipts_tenant_id_refund_id"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.execute(f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {INDEX} ON receipts (tenant_id, refund_id, kind)")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX_BEFORE}")
    op.execute("SET LOCAL lock_timeout = '5s'")
    for constraint in CONSTRAINTS:
        op.execute(f"ALTER TABLE receipts VALIDATE CONSTRAINT {constraint}")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX_BEFORE}")
        op.execute(f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {INDEX_BEFORE} ON receipts (tenant_id, refund_id)")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Reversals: notes that take a credit note back whose refund failed.

Imports nothing of the application.
"""

from alembic import op

revision = "20261121_reversals"
down_revision = "20261121_accounts_checked"
branch_labels = None
depends_on = None

CHECKS = {
    "ck_receipts_kind": "kind IN ('receipt', 'credit_note', 'reversal')",
    "ck_receipts_total": "CASE kind WHEN 'credit_note' THEN total_cents < 0 ELSE total_cents >= 0 END",
}
CHECKS_BEFORE = {
    "ck_receipts_kind": "kind IN ('receipt', 'credit_note')",
    "ck_receipts_total": "CASE kind WHEN 'receipt' THEN total_cents >= 0 ELSE total_cents < 0 END",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    _replace(CHECKS)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _replace(CHECKS_BEFORE)


def _replace(checks: dict[str, str]) -> None:
    for name, check in checks.items():
        op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE receipts DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE receipts ADD CONSTRAINT {name} CHECK ({check}) NOT VALID")

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Payout accounts that are withdrawn or restricted: what is asked of their owners, and cards that are out of reach.

Imports nothing of the application.
"""

from alembic import op

revision = "20261121_accounts"
down_revision = "20261121_deposits_checked"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE payout_accounts ADD COLUMN activated_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE payout_accounts ADD COLUMN requirements_due INTEGER DEFAULT '0' NOT NULL;
ALTER TABLE payout_accounts ADD COLUMN requirements_due_by TIMESTAMP WITH TIME ZONE;
"""
STATUSES = "'card_on_file', 'detached', 'unreachable'"
STATUSES_BEFORE = "'card_on_file', 'detached'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.execute(COLUMNS)
    _allow(STATUSES)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _allow(STATUSES_BEFORE)
    for column in ("activated_at", "requirements_due", "requirements_due_by"):
        op.execute(f"ALTER TABLE payout_accounts DROP COLUMN {column}")


def _allow(statuses: str) -> None:
    op.execute("-- squawk-ignore ban-drop-constraint\nALTER TABLE cards DROP CONSTRAINT ck_cards_status")
    op.execute(f"ALTER TABLE cards ADD CONSTRAINT ck_cards_status CHECK (status IN ({statuses})) NOT VALID")

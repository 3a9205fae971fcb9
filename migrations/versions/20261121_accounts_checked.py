# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Payout accounts, checked: a constraint that was added without looking.

Imports nothing of the application.
"""

from alembic import op

revision = "20261121_accounts_checked"
down_revision = "20261121_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE cards VALIDATE CONSTRAINT ck_cards_status")


def downgrade() -> None:
    """Nothing was made here."""

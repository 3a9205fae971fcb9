# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Customers, masked: why one is blocked is about a person, and stays out of the audit trail.

Imports nothing of the application.
"""

from alembic import op

revision = "20261121_customers_masked"
down_revision = "20261121_reversals_checked"
branch_labels = None
depends_on = None

PERSONAL = ("display_name", "email", "email_normalized", "phone", "notes")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _audit(*PERSONAL, "block_reason")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _audit(*PERSONAL)


def _audit(*masked: str) -> None:
    arguments = ", ".join(f"'{column}'" for column in masked)
    op.execute("DROP TRIGGER audit ON customers")
    op.execute(
        "CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON customers"
        f" FOR EACH ROW EXECUTE FUNCTION audit_row({arguments})"
    )

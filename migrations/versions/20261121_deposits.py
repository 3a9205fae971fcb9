# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Deposits: money taken at booking, owed to the customer until the outcome uses it; and holds ahead of a visit.

Imports nothing of the application.
"""

from alembic import op

revision = "20261121_deposits"
down_revision = "20261121_billing"
branch_labels = None
depends_on = None

CHANGES = """
ALTER TABLE payments
    ADD COLUMN deposit_cents BIGINT DEFAULT '0' NOT NULL,
    ADD CONSTRAINT ck_payments_deposit CHECK (deposit_cents >= 0) NOT VALID;
ALTER TABLE card_setups
    ADD COLUMN payment_id UUID,
    ADD CONSTRAINT fk_card_setups_tenant_id_payment_id_payments FOREIGN KEY (tenant_id, payment_id)
        REFERENCES payments (tenant_id, id) ON DELETE RESTRICT NOT VALID;
ALTER TABLE payment_attempts
    ADD COLUMN is_on_session BOOLEAN DEFAULT 'false' NOT NULL,
    ADD COLUMN is_hold BOOLEAN DEFAULT 'false' NOT NULL;
-- squawk-ignore ban-drop-not-null
ALTER TABLE payment_attempts ALTER COLUMN customer_ref DROP NOT NULL, ALTER COLUMN method_ref DROP NOT NULL;
-- squawk-ignore ban-drop-constraint
ALTER TABLE ledger_entries DROP CONSTRAINT ck_ledger_entries_account;
ALTER TABLE ledger_entries ADD CONSTRAINT ck_ledger_entries_account CHECK (account IN ('customer', 'business', 'bank',
    'platform', 'processor', 'gift_card_liability', 'deposit_liability', 'tax')) NOT VALID;
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.execute(CHANGES)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE ledger_entries DROP CONSTRAINT ck_ledger_entries_account")
    op.execute(
        "ALTER TABLE ledger_entries ADD CONSTRAINT ck_ledger_entries_account CHECK (account IN ('customer', 'business',"
        " 'bank', 'platform', 'processor', 'gift_card_liability', 'tax'))"
    )
    op.execute("ALTER TABLE payment_attempts DROP COLUMN is_on_session, DROP COLUMN is_hold")
    op.execute(
        "ALTER TABLE payment_attempts ALTER COLUMN customer_ref SET NOT NULL, ALTER COLUMN method_ref SET NOT NULL"
    )
    op.execute("ALTER TABLE card_setups DROP COLUMN payment_id")
    op.execute("ALTER TABLE payments DROP COLUMN deposit_cents")

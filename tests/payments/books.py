# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A business's books as a test reads them: the ledger's facts, and what they must come to."""

from collections import Counter
from typing import Any

from sqlalchemy import text

from tests.payments.till import Till
from tithi.payments import splits
from tithi.platform.db import transaction
from tithi.platform.tenancy import tenant_scope


def rows(till: Till, statement: str, **values: Any) -> list[dict[str, Any]]:
    with till.worker_app.app_context(), tenant_scope(till.salon.tenant_id), transaction() as current:
        return [dict(row) for row in current.execute(text(statement), values).mappings()]


def facts(till: Till, kind: str | None = None) -> list[dict[str, Any]]:
    """The ledger's facts in order, or those of one kind."""
    found = rows(till, "SELECT * FROM ledger_facts ORDER BY occurred_at, fact_id")
    return [fact for fact in found if kind in (None, fact["kind"])]


def accounts(till: Till) -> dict[str, int]:
    """What each account comes to."""
    found: Counter[str] = Counter()
    for fact in facts(till):
        found.update(fact["lines"])
    return {account: cents for account, cents in found.items() if cents}


def expect_books_to_tie(till: Till) -> None:
    """Every fact sums to nothing; together they are what the sandbox made of the business's balance, to the cent."""
    found = facts(till)
    assert all(sum(fact["lines"].values()) == 0 for fact in found), found
    at_desk = {one["id"] for one in rows(till, "SELECT id FROM payments WHERE method <> 'card'")}
    here = sum(
        cents
        for fact in found
        if fact["kind"] in splits.AT_PROCESSOR and fact["payment_id"] not in at_desk
        for account, cents in fact["lines"].items()
        if account in splits.HELD
    )
    there = sum(entry["net"] for entry in till.balance_entries())
    assert here == there, (here, there)

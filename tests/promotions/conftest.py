# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.factories.businesses import Salon
from tests.payments.books import accounts, expect_books_to_tie, rows
from tests.payments.till import Till
from tests.stack import Stack


@pytest.fixture
def broken_till(salon: Salon, stack: Stack, worker_app: Flask) -> Iterator[Till]:
    """One whose account is touched beside the application."""
    yield Till(salon, stack, worker_app)
    stack.stripe.state.clear_faults()


@pytest.fixture
def till(salon: Salon, stack: Stack, worker_app: Flask) -> Iterator[Till]:
    """At the end the ledger ties to the sandbox's balance, and what it owes for gift cards to what is on them."""
    opened = Till(salon, stack, worker_app)
    yield opened
    stack.stripe.state.clear_faults()
    expect_books_to_tie(opened)
    (held,) = rows(opened, "SELECT coalesce(sum(balance_cents + reserved_cents), 0)::bigint AS cents FROM gift_cards")
    assert accounts(opened).get("gift_card_liability", 0) == held["cents"]

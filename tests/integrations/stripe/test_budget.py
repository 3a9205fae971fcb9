# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The budget of calls that an account has in a second, shared by all processes."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.integrations.stripe.conftest import API_KEY, Served
from tests.stack import Stack
from tithi.integrations.stripe.budget import CallBudget
from tithi.integrations.stripe.client import StripeProcessor
from tithi.integrations.stripe.contract import BusyError

BUDGET = 15
STRIPE_TAKES = 25
BURST = 60
NOWHERE = "redis://127.0.0.1:9/0"
SLOW_DOWN_SECONDS = 20.0

Make = Callable[[CallBudget | None], StripeProcessor]


@pytest.fixture
def account(processor: StripeProcessor) -> str:
    """One of its own, because what was counted outlives a test."""
    return processor.create_account(
        key=uuid4().hex, email="owner@salon.test", country="US", currency=None, business_name="Salon", metadata={}
    ).account_ref


@pytest.fixture
def make(served: Served) -> Iterator[Make]:
    made: list[StripeProcessor] = []

    def build(budget: CallBudget | None) -> StripeProcessor:
        made.append(StripeProcessor(secret_key=API_KEY, api_base=served.url, before_call=lambda: None, budget=budget))
        return made[-1]

    yield build
    for one in made:
        one.close()


def budget_of(stack: Stack, calls_per_second: int = BUDGET, *, wait: float = 30.0) -> CallBudget:
    return CallBudget(stack.settings.redis_url, calls_per_second=calls_per_second, longest_wait_seconds=wait)


def burst(processors: list[StripeProcessor], account: str, served: Served) -> int:
    """Ask from many threads at once; the most calls that the sandbox saw in any second."""
    before = len(served.recorder.exchanges)
    with ThreadPoolExecutor(max_workers=20) as threads:
        asked = [
            threads.submit(processors[number % len(processors)].fetch_account, account=account)
            for number in range(BURST)
        ]
        assert {one.result().account_ref for one in asked} == {account}
    arrived = sorted(one.arrived_at for one in served.recorder.exchanges[before:])
    assert len(arrived) == BURST
    return max(bisect_left(arrived, one + 1.0) - place for place, one in enumerate(arrived))


def test_two_processes_together_stay_below_what_stripe_takes_in_a_second(
    make: Make, stack: Stack, account: str, served: Served
) -> None:
    assert burst([make(None), make(None)], account, served) > STRIPE_TAKES
    assert burst([make(budget_of(stack)), make(budget_of(stack))], account, served) <= STRIPE_TAKES


def test_a_used_up_budget_is_busy_after_a_short_wait_and_nothing_is_asked(
    make: Make, stack: Stack, account: str, served: Served
) -> None:
    first, second = make(budget_of(stack, 1, wait=0.0)), make(budget_of(stack, 1, wait=0.0))
    first.fetch_account(account=account)
    asked = len(served.recorder.exchanges)
    with pytest.raises(BusyError) as busy:
        second.fetch_account(account=account)
    assert busy.value.retry_after > 0
    assert len(served.recorder.exchanges) == asked


def test_another_account_has_a_budget_of_its_own(
    make: Make, stack: Stack, account: str, processor: StripeProcessor
) -> None:
    other = processor.create_account(
        key=uuid4().hex, email="other@salon.test", country="US", currency=None, business_name="Other", metadata={}
    ).account_ref
    asking = make(budget_of(stack, 1, wait=0.0))
    assert asking.fetch_account(account=account).account_ref == account
    assert asking.fetch_account(account=other).account_ref == other


def test_an_account_that_is_to_slow_down_is_left_alone_by_all_processes_for_as_long_as_it_said(
    make: Make, stack: Stack, account: str, served: Served
) -> None:
    served.state.add_fault(f"GET /v2/core/accounts/{account}", "rate_limit_429", seconds=SLOW_DOWN_SECONDS)
    with pytest.raises(BusyError):
        make(budget_of(stack)).fetch_account(account=account)
    asked = len(served.recorder.exchanges)
    with pytest.raises(BusyError) as busy:
        make(budget_of(stack, wait=0.5)).fetch_account(account=account)
    assert 1 < busy.value.retry_after <= SLOW_DOWN_SECONDS
    assert len(served.recorder.exchanges) == asked


def test_money_goes_on_while_nothing_can_be_counted(make: Make, account: str) -> None:
    asking = make(CallBudget(NOWHERE, calls_per_second=1, longest_wait_seconds=0.0))
    assert [asking.fetch_account(account=account).account_ref for _ in range(3)] == [account] * 3

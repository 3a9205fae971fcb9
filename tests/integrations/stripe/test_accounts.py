# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.integrations.stripe.conftest import API_KEY, Authorize, Served, open_account
from tithi.integrations.stripe.client import StripeProcessor
from tithi.integrations.stripe.contract import AccountState, RefusedError


def opened(processor: StripeProcessor) -> AccountState:
    """Open an account whose owner has done nothing yet."""
    return processor.create_account(
        key="account",
        email="owner@salon.test",
        country="DE",
        currency=None,
        business_name="Salon",
        metadata={"tenant": "1"},
    )


def test_a_new_account_cannot_take_cards_before_its_owner_completed_it(processor: StripeProcessor) -> None:
    state = opened(processor)

    assert (state.card_payments, state.payouts, state.details_submitted) == ("restricted", "restricted", False)
    assert (state.country, state.currency) == ("DE", "eur")
    assert processor.fetch_account(account=state.account_ref) == state


def test_following_the_link_completes_the_account_and_leads_back(processor: StripeProcessor, served: Served) -> None:
    state = opened(processor)
    link = processor.create_account_link(
        account=state.account_ref,
        key="link",
        refresh_url="https://salon.test/again",
        return_url="https://salon.test/done",
    )

    answer = served.session.get(link.url, allow_redirects=False, timeout=10)

    assert answer.headers["Location"] == "https://salon.test/done"
    assert link.expires_at > datetime.fromtimestamp(served.state.now(), UTC)
    done = processor.fetch_account(account=state.account_ref)
    assert (done.card_payments, done.payouts, done.details_submitted) == ("active", "active", True)


def test_a_link_works_once_and_not_after_its_time(processor: StripeProcessor, served: Served) -> None:
    state = opened(processor)
    arguments: dict[str, Any] = {
        "account": state.account_ref,
        "refresh_url": "https://salon.test/again",
        "return_url": "https://salon.test/done",
    }
    late = processor.create_account_link(key="late", **arguments)
    served.state.advance(301)
    used = processor.create_account_link(key="used", **arguments)
    served.session.get(used.url, allow_redirects=False, timeout=10)

    for link in (late, used):
        answer = served.session.get(link.url, allow_redirects=False, timeout=10)
        assert answer.headers["Location"] == "https://salon.test/again"


def test_an_account_can_be_restricted_and_tells_of_it(processor: StripeProcessor, account: str, served: Served) -> None:
    served.session.post(
        f"{served.url}/_sandbox/accounts/{account}",
        data={"card_payments": "restricted", "payouts": "active"},
        timeout=10,
    )

    state = processor.fetch_account(account=account)
    assert (state.card_payments, state.payouts) == ("restricted", "active")
    assert served.state.objects("events")[0]["type"] == "account.updated"


def test_the_objects_of_one_account_do_not_exist_for_another(
    authorize: Authorize, processor: StripeProcessor, customer: str
) -> None:
    charge = authorize()
    other = open_account(processor, "other")

    with pytest.raises(RefusedError) as unknown:
        processor.fetch_charge(account=other, intent_ref=charge.intent_ref)
    with pytest.raises(RefusedError) as foreign:
        processor.set_up_card(
            account=other, key="setup", customer_ref=customer, payment_method_ref=None, return_url=None, metadata={}
        )

    assert (unknown.value.code, foreign.value.code) == ("resource_missing", "resource_missing")


def test_keys_of_different_accounts_do_not_meet(processor: StripeProcessor, account: str) -> None:
    other = open_account(processor, "other")
    arguments: dict[str, Any] = {"key": "same", "email": None, "metadata": {}}

    first = processor.create_customer(account=account, name="One", **arguments)
    second = processor.create_customer(account=other, name="Two", **arguments)

    assert first != second


def test_an_unknown_account_is_refused_like_one_that_withdrew_access(
    processor: StripeProcessor, account: str, customer: str, served: Served
) -> None:
    served.state.disconnect_account(account)
    arguments: dict[str, Any] = {"key": "customer-2", "email": None, "name": None, "metadata": {}}

    with pytest.raises(RefusedError) as withdrawn:
        processor.create_customer(account=account, **arguments)
    with pytest.raises(RefusedError) as unknown:
        processor.create_customer(account="acct_unknown", **arguments)

    assert (withdrawn.value.code, unknown.value.code) == ("account_invalid", "account_invalid")
    assert served.state.objects("events")[0]["type"] == "account.application.deauthorized"
    assert [body["id"] for body in served.state.objects("customers")] == [customer]


def test_a_wrong_secret_key_opens_nothing(served: Served) -> None:
    wrong = f"{API_KEY}x"
    client = StripeProcessor(secret_key=wrong, api_base=served.url, before_call=lambda: None)

    with pytest.raises(RefusedError) as refusal:
        client.fetch_account(account="acct_any")

    client.close()
    assert refusal.value.code == "api_key_invalid"

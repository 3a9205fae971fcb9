# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from dataclasses import replace
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.integrations.stripe.conformance import SCHEMA, Exchange, answer_faults, operation, request_faults
from tests.integrations.stripe.conftest import Authorize, Served
from tests.integrations.stripe.derive_schema import PARAMETERS, derive
from tests.integrations.stripe.test_books import read_the_books
from tests.integrations.stripe.test_refunds import captured
from tithi.integrations.stripe.client import StripeProcessor


def test_the_kept_shapes_are_those_of_the_installed_library() -> None:
    assert derive(Path(str(distribution("stripe").locate_file("stripe")))) == SCHEMA


def test_every_operation_of_the_client_has_a_known_shape(
    authorize: Authorize, processor: StripeProcessor, account: str, served: Served
) -> None:
    charge = captured(authorize, processor, account)
    refund = processor.refund(account=account, key="r", intent_ref=charge.intent_ref, amount_cents=500, metadata={})
    processor.fetch_refund(account=account, refund_ref=refund.refund_ref)
    processor.fetch_charge(account=account, intent_ref=charge.intent_ref)
    processor.find_charge(account=account, customer_ref="cus_none", metadata_key="a", metadata_value="b")
    processor.fetch_account(account=account)
    processor.create_account_link(
        account=account, key="link", refresh_url="https://salon.test/again", return_url="https://salon.test/done"
    )
    canceled = authorize(key="another")
    processor.cancel_charge(account=account, key="cancel", intent_ref=canceled.intent_ref)
    (method,) = [body["id"] for body in served.state.objects("payment_methods")]
    processor.fetch_card(account=account, payment_method_ref=method)
    setup = served.state.objects("setup_intents")[0]["id"]
    processor.fetch_setup(account=account, setup_ref=setup)
    read_the_books(processor, served, account, charge)
    for key in ("detach", "again"):
        processor.detach_card(account=account, key=key, payment_method_ref=method)

    assert {operation(exchange) for exchange in served.recorder.exchanges} == set(PARAMETERS)


@pytest.fixture
def exchange(processor: StripeProcessor, account: str, served: Served) -> Exchange:
    """A call that conforms, to be spoiled."""
    processor.create_customer(account=account, key="key", email=None, name="Guest", metadata={"a": "b"})
    (found,) = [exchange for exchange in served.recorder.exchanges if exchange.path == "/v1/customers"]
    return found


@pytest.mark.parametrize(
    "spoiled", [{"colour": "red"}, {"created": "yesterday"}, {"livemode": None}, {"metadata": []}, {"object": "charge"}]
)
def test_an_answer_the_vendor_would_not_give_is_noticed(exchange: Exchange, spoiled: dict[str, object]) -> None:
    wrong = replace(exchange, answer={**exchange.answer, **spoiled})

    assert answer_faults(exchange) == []
    assert answer_faults(wrong) != []


@pytest.mark.parametrize("spoiled", [{"colour": "red"}, {"metadata": {"a": {"b": "c"}}, "address": "street"}])
def test_a_request_the_vendor_would_not_understand_is_noticed(exchange: Exchange, spoiled: dict[str, object]) -> None:
    wrong = replace(exchange, params={**exchange.params, **spoiled})

    assert request_faults(exchange) == []
    assert request_faults(wrong) != []

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integrations.stripe.conformance import SCHEMA
from tests.integrations.stripe.conftest import API_KEY, Served
from tithi.integrations.stripe import client
from tithi.integrations.stripe.client import StripeProcessor
from tithi.integrations.stripe.contract import NoAnswerError, PaymentProcessor, RefusedError
from tithi.integrations.stripe.sandbox import events


class TransactionOpenError(Exception):
    """Stands for the platform's refusal to wait for the network inside a transaction."""


def test_the_client_is_a_payment_processor() -> None:
    processor: PaymentProcessor = StripeProcessor(secret_key=API_KEY, api_base=None, before_call=lambda: None)

    assert callable(processor.authorize)


def test_importing_the_client_does_not_load_the_vendors_library() -> None:
    code = "import sys, tithi.integrations.stripe.client; sys.exit('stripe' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own interpreter


def test_only_the_client_knows_the_vendors_library() -> None:
    package = Path(client.__file__).parents[2]
    knowing = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if re.search(r"^\s*(import stripe\b|from stripe\b)|import_module\(.stripe\b", path.read_text(), re.MULTILINE)
    ]

    assert knowing == ["integrations/stripe/client.py"]


def test_no_call_is_made_while_a_transaction_is_open(served: Served) -> None:
    def refuse() -> None:
        raise TransactionOpenError

    processor = StripeProcessor(secret_key=API_KEY, api_base=served.url, before_call=refuse)

    with pytest.raises(TransactionOpenError):
        processor.fetch_charge(account="acct_1", intent_ref="pi_1")
    with pytest.raises(TransactionOpenError):
        processor.create_customer(account="acct_1", key="key", email=None, name=None, metadata={})

    assert served.recorder.exchanges == []


def test_a_call_without_an_account_is_a_mistake_of_the_caller(served: Served, processor: StripeProcessor) -> None:
    with pytest.raises(ValueError, match="account"):
        processor.fetch_charge(account="", intent_ref="pi_1")
    with pytest.raises(ValueError, match="account"):
        processor.create_customer(account="", key="key", email=None, name=None, metadata={})
    with pytest.raises(ValueError, match="account"):
        processor.fetch_account(account="")

    assert served.recorder.exchanges == []


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_write_without_a_usable_key_is_a_mistake_of_the_caller(
    served: Served, processor: StripeProcessor, key: str
) -> None:
    with pytest.raises(ValueError, match="key"):
        processor.create_customer(account="acct_1", key=key, email=None, name=None, metadata={})

    assert served.recorder.exchanges == []


def test_a_processor_that_cannot_be_reached_gives_no_answer() -> None:
    processor = StripeProcessor(secret_key=API_KEY, api_base="http://127.0.0.1:9", before_call=lambda: None)

    with pytest.raises(NoAnswerError):
        processor.fetch_charge(account="acct_1", intent_ref="pi_1")

    processor.close()


def test_an_unknown_object_is_refused_with_the_processors_word(processor: StripeProcessor, account: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        processor.fetch_charge(account=account, intent_ref="pi_unknown")

    assert refusal.value.code == "resource_missing"


def test_the_pinned_version_is_the_one_the_shapes_and_the_sandbox_are_of() -> None:
    assert SCHEMA["api_version"] == client.API_VERSION == events.API_VERSION


def test_every_call_names_the_pinned_version(processor: StripeProcessor, account: str, served: Served) -> None:
    answer = served.request("GET", "/v1/customers", account)

    assert answer.headers["Stripe-Version"] == client.API_VERSION
    assert processor.fetch_account(account=account).account_ref == account

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A sandbox with a real client, whose every exchange is held against the vendor's shapes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Thread
from typing import Any

import pytest
import requests
from werkzeug.serving import make_server

from tests.integrations.stripe.conformance import Recorder, answer_faults, event_faults, request_faults
from tithi.integrations.stripe.client import StripeProcessor
from tithi.integrations.stripe.contract import CardSetup, ChargeState
from tithi.integrations.stripe.sandbox import Sandbox, create_sandbox
from tithi.integrations.stripe.sandbox.app import publishable_key
from tithi.integrations.stripe.sandbox.server import QuietHandler
from tithi.integrations.stripe.sandbox.state import SandboxState

API_KEY = "sk_test_conformance"
HELD_CENTS = 10_000
FAST_TIMEOUT = (1.0, 1.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A sandbox that answers at `url`, and the HTTP session that plain requests go through."""

    url: str
    state: SandboxState
    recorder: Recorder
    session: requests.Session

    def request(
        self, method: str, path: str, account: str | None = None, *, key: str | None = None, **data: object
    ) -> requests.Response:
        """Send a plain form request with the secret key."""
        headers = {"Authorization": f"Bearer {API_KEY}"}
        headers |= {"Stripe-Account": account} if account else {}
        headers |= {"Idempotency-Key": key} if key else {}
        pairs: Any = data
        params, form = (pairs, None) if method == "GET" else (None, pairs)
        return self.session.request(method, self.url + path, headers=headers, timeout=10, params=params, data=form)

    def from_browser(self, path: str, account: str, **data: str) -> requests.Response:
        """Send what a page in the customer's browser sends."""
        headers = {"Authorization": f"Bearer {publishable_key(API_KEY)}", "Stripe-Account": account}
        return self.session.post(self.url + path, headers=headers, data=data, timeout=10)


@pytest.fixture
def served() -> Iterator[Served]:
    sandbox = create_sandbox(None, API_KEY, [])
    yield from serve(sandbox)


def serve(sandbox: Sandbox) -> Iterator[Served]:
    """Serve the sandbox; at the end, hold everything that was said against the vendor's shapes."""
    recorder = Recorder(sandbox)
    server = make_server("127.0.0.1", 0, recorder, threaded=True, request_handler=QuietHandler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    sandbox.state.base_url = f"http://127.0.0.1:{server.port}"
    try:
        with requests.Session() as session:
            yield Served(url=sandbox.state.base_url, state=sandbox.state, recorder=recorder, session=session)
        faults = [
            f"{exchange.method} {exchange.path}: {fault}"
            for exchange in recorder.exchanges
            for fault in [*answer_faults(exchange), *request_faults(exchange)]
        ]
        faults += [fault for event in sandbox.state.objects("events") for fault in event_faults(event)]
        assert faults == []
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        sandbox.close()


@pytest.fixture
def processor(served: Served) -> Iterator[StripeProcessor]:
    client = StripeProcessor(secret_key=API_KEY, api_base=served.url, before_call=_nothing, timeout=FAST_TIMEOUT)
    yield client
    client.close()


def _nothing() -> None:
    """No transaction is open in these tests."""


@pytest.fixture
def account(processor: StripeProcessor) -> str:
    return open_account(processor, "main")


def open_account(processor: StripeProcessor, name: str) -> str:
    """Open an account that may take cards at once."""
    state = processor.create_account(
        key=f"account-{name}",
        email="owner@salon.test",
        country="US",
        currency="usd",
        business_name="Salon",
        metadata={"tithi_sandbox_onboarding": "instant"},
    )
    return state.account_ref


@pytest.fixture
def customer(processor: StripeProcessor, account: str) -> str:
    return processor.create_customer(
        account=account, key="customer", email="guest@example.test", name="Guest", metadata={"customer": "1"}
    )


SetUp = Callable[[str], CardSetup]
Authorize = Callable[..., ChargeState]


@pytest.fixture
def set_up(processor: StripeProcessor, served: Served, account: str, customer: str) -> SetUp:
    """Keep a ready-made card, the customer answering their bank where it asks."""

    def keep(name: str) -> CardSetup:
        setup = processor.set_up_card(
            account=account,
            key=f"setup-{name}",
            customer_ref=customer,
            payment_method_ref=name,
            return_url=None,
            metadata={},
        )
        if setup.status != "needs_customer":
            return setup
        served.state.authenticate("setup_intents", setup.setup_id, succeeds=True)
        return processor.fetch_setup(account=account, setup_ref=setup.setup_id)

    return keep


@pytest.fixture
def authorize(processor: StripeProcessor, account: str, customer: str, set_up: SetUp) -> Authorize:
    """Hold an amount on a ready-made card that was kept before."""

    def hold(
        name: str = "pm_card_visa", *, amount: int = HELD_CENTS, fee: int | None = 100, key: str = "hold"
    ) -> ChargeState:
        method = set_up(name).payment_method_ref
        assert method is not None
        return processor.authorize(
            account=account,
            key=key,
            customer_ref=customer,
            payment_method_ref=method,
            amount_cents=amount,
            currency="USD",
            application_fee_cents=fee,
            metadata={"attempt": key},
            description="Haircut",
        )

    return hold

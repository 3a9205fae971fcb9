# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.integrations.stripe.conftest import API_KEY, Served, open_account, serve
from tests.integrations.stripe.receiver import Receiver, receiving
from tithi.integrations.stripe.client import StripeProcessor
from tithi.integrations.stripe.contract import ProviderEvent, RefusedError, SignatureInvalidError
from tithi.integrations.stripe.sandbox import WebhookEndpoint, create_sandbox
from tithi.integrations.stripe.sandbox.webhooks import signature

SIGNER_OF_CONNECT = "whsec_connect"
SIGNER_OF_PLATFORM = "whsec_platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wired:
    """A sandbox that tells two endpoints, and a client that reads what they get."""

    served: Served
    connect: Receiver
    platform: Receiver
    processor: StripeProcessor

    def next_of_account(self) -> ProviderEvent:
        payload, header = self.connect.next()
        return self.processor.parse_event(payload, header, [SIGNER_OF_CONNECT])


@pytest.fixture
def wired() -> Iterator[Wired]:
    with receiving() as connect, receiving() as platform:
        endpoints = [
            WebhookEndpoint(url=connect.url, secret=SIGNER_OF_CONNECT, connect=True),
            WebhookEndpoint(url=platform.url, secret=SIGNER_OF_PLATFORM, connect=False),
        ]
        for served in serve(create_sandbox(None, API_KEY, endpoints)):
            client = StripeProcessor(secret_key=API_KEY, api_base=served.url, before_call=lambda: None)
            yield Wired(served=served, connect=connect, platform=platform, processor=client)
            client.close()


def charge(wired: Wired, account: str) -> str:
    """Capture 100.00 with a fee of 1.00; answer the intent."""
    customer = wired.processor.create_customer(account=account, key="customer", email=None, name=None, metadata={})
    held = wired.processor.authorize(
        account=account,
        key="hold",
        customer_ref=customer,
        payment_method_ref="pm_card_visa",
        amount_cents=10_000,
        currency="usd",
        application_fee_cents=100,
        metadata={},
        description=None,
    )
    wired.processor.capture(
        account=account, key="capture", intent_ref=held.intent_ref, amount_cents=10_000, application_fee_cents=100
    )
    return held.intent_ref


def test_events_of_an_account_arrive_signed_and_name_the_account(wired: Wired) -> None:
    account = open_account(wired.processor, "main")
    intent = charge(wired, account)

    events = [wired.next_of_account() for _ in range(7)]

    assert {event.account_ref for event in events} == {account}
    assert [event.type for event in events] == [
        "account.updated",
        "customer.created",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "charge.captured",
        "payment_intent.succeeded",
    ]
    last = events[-1]
    assert (last.object_type, last.object_ref, last.live) == ("payment_intent", intent, False)
    assert last.created_at.utcoffset() is not None


def test_the_platform_hears_of_its_own_fees_only(wired: Wired) -> None:
    charge(wired, open_account(wired.processor, "main"))

    payload, header = wired.platform.next()

    event = wired.processor.parse_event(payload, header, [SIGNER_OF_PLATFORM])
    assert (event.type, event.account_ref, event.object_type) == ("application_fee.created", None, "application_fee")
    assert wired.platform.received.empty()


def test_a_refused_delivery_is_tried_again(wired: Wired) -> None:
    wired.connect.refusals = 2
    open_account(wired.processor, "main")

    events = [wired.next_of_account() for _ in range(3)]

    assert len({event.event_id for event in events}) == 1


def test_missed_events_are_listed_and_can_be_sent_again(wired: Wired) -> None:
    wired.served.state.drop_webhooks(is_dropped=True)
    account = open_account(wired.processor, "main")
    (missed,) = wired.served.request("GET", "/v1/events", account, delivery_success="false").json()["data"]
    assert wired.served.request("GET", "/v1/events", account, delivery_success="true").json()["data"] == []

    wired.served.state.drop_webhooks(is_dropped=False)
    wired.served.session.post(f"{wired.served.url}/_sandbox/events/{missed['id']}/resend", timeout=10)

    assert wired.next_of_account().event_id == missed["id"]


def test_held_events_arrive_when_they_are_let_go(wired: Wired) -> None:
    wired.served.session.post(f"{wired.served.url}/_sandbox/webhooks", data={"mode": "hold"}, timeout=10)
    account = open_account(wired.processor, "main")
    assert wired.connect.received.empty()

    wired.served.session.post(f"{wired.served.url}/_sandbox/webhooks", data={"mode": "deliver"}, timeout=10)

    assert wired.next_of_account().account_ref == account


def payload_of(**changes: object) -> bytes:
    """Write an event as it comes over the wire."""
    event = {
        "id": "evt_1",
        "object": "event",
        "type": "refund.updated",
        "livemode": False,
        "created": 1_790_000_000,
        "data": {"object": {"id": "re_1", "object": "refund"}},
    }
    return json.dumps(event | changes).encode()


@pytest.fixture
def reader() -> StripeProcessor:
    return StripeProcessor(secret_key=API_KEY, api_base=None, before_call=lambda: None)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("time.time", lambda: 1_790_000_500.0)
    return 1_790_000_500


def test_one_of_several_secrets_is_enough_during_a_change_of_secrets(reader: StripeProcessor, now: int) -> None:
    payload = payload_of()

    event = reader.parse_event(payload, signature(payload, "new", now), ["old", "new"])

    assert (event.event_id, event.object_ref, event.account_ref) == ("evt_1", "re_1", None)


@pytest.mark.parametrize("age", [301, 3_600])
def test_a_signature_older_than_five_minutes_is_refused(reader: StripeProcessor, now: int, age: int) -> None:
    payload = payload_of()

    with pytest.raises(SignatureInvalidError):
        reader.parse_event(payload, signature(payload, "secret", now - age), ["secret"])


def test_a_signature_of_just_under_five_minutes_is_taken(reader: StripeProcessor, now: int) -> None:
    payload = payload_of()

    assert reader.parse_event(payload, signature(payload, "secret", now - 299), ["secret"]).event_id == "evt_1"


@pytest.mark.parametrize("header", ["", "t=1,v1=", "nonsense", "t=abc,v1=00"])
def test_a_broken_signature_is_refused(reader: StripeProcessor, header: str) -> None:
    with pytest.raises(SignatureInvalidError):
        reader.parse_event(payload_of(), header, ["secret"])


def test_an_altered_body_is_refused(reader: StripeProcessor, now: int) -> None:
    header = signature(payload_of(), "secret", now)

    with pytest.raises(SignatureInvalidError):
        reader.parse_event(payload_of(livemode=True), header, ["secret"])


@pytest.mark.parametrize("secrets", [[], [""]])
def test_without_a_secret_nothing_is_believed(reader: StripeProcessor, now: int, secrets: list[str]) -> None:
    payload = payload_of()

    with pytest.raises(SignatureInvalidError):
        reader.parse_event(payload, signature(payload, "", now), secrets)


def test_bytes_that_are_no_text_are_refused(reader: StripeProcessor) -> None:
    with pytest.raises(SignatureInvalidError):
        reader.parse_event(b"\xff\xfe", "t=1,v1=00", ["secret"])


def test_a_signed_body_that_is_no_event_is_refused_as_unreadable(reader: StripeProcessor, now: int) -> None:
    payload = b'{"object": "v2.core.event", "id": "evt_2"}'

    with pytest.raises(RefusedError) as refusal:
        reader.parse_event(payload, signature(payload, "secret", now), ["secret"])

    assert refusal.value.code == "event_unreadable"

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from http import HTTPStatus

import pytest
import requests

from tests.integrations.scripted_service import Reply, ScriptedService, closed_address
from tithi.integrations.messages_sandbox.server import RunningSandbox
from tithi.integrations.sms.contract import (
    Accepted,
    LookupUnsupportedError,
    SmsMessage,
    SmsRefusedError,
    SmsUnavailableError,
    SmsUnknownError,
)
from tithi.integrations.sms.factory import SmsProviderUnusableError, sms_sender
from tithi.integrations.sms.sandbox import SandboxSmsSender
from tithi.integrations.sms.twilio import TwilioSender

REMINDER = SmsMessage(to_e164="+4930123456", text="See you at 10:00. Reply STOP to opt out.", dedupe_key="reminder-1")
ACCOUNT_WORD = "word"
CREATED = Reply(status=201, body={"sid": "SM1", "status": "queued"})


class TransactionOpenError(Exception):
    pass


@pytest.fixture
def twilio(service: ScriptedService) -> TwilioSender:
    return TwilioSender(
        account_sid="AC1", auth_token=ACCOUNT_WORD, sender="+4930999999", before_call=lambda: None, api_base=service.url
    )


@pytest.fixture
def sender(sandbox: RunningSandbox) -> SandboxSmsSender:
    return SandboxSmsSender(sandbox_url=sandbox.url, before_call=lambda: None)


def test_twilio_gets_the_number_the_text_and_our_account(service: ScriptedService, twilio: TwilioSender) -> None:
    service.script = lambda _asked: CREATED
    assert twilio.send(REMINDER) == Accepted(provider="twilio", provider_ref="SM1")
    [asked] = service.asked
    assert asked.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert asked.headers["Authorization"].startswith("Basic ")
    assert asked.form == {"To": [REMINDER.to_e164], "From": ["+4930999999"], "Body": [REMINDER.text]}


def test_a_messaging_service_may_be_the_sender(service: ScriptedService) -> None:
    service.script = lambda _asked: CREATED
    sender = TwilioSender(
        account_sid="AC1", auth_token=ACCOUNT_WORD, sender="MG7", before_call=lambda: None, api_base=service.url
    )
    sender.send(REMINDER)
    assert service.asked[0].form["MessagingServiceSid"] == ["MG7"]


@pytest.mark.parametrize(
    ("code", "is_bad_number", "is_opted_out"), [(21614, True, False), (21610, False, True), (21617, False, False)]
)
def test_twilios_refusals_are_told_apart(
    service: ScriptedService, twilio: TwilioSender, code: int, *, is_bad_number: bool, is_opted_out: bool
) -> None:
    service.script = lambda _asked: Reply(status=400, body={"code": code, "message": REMINDER.to_e164, "status": 400})
    with pytest.raises(SmsRefusedError) as caught:
        twilio.send(REMINDER)
    assert (caught.value.is_bad_number, caught.value.is_opted_out) == (is_bad_number, is_opted_out)
    assert REMINDER.to_e164 not in str(caught.value)


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_a_fault_of_twilio_or_of_our_account_does_not_condemn_the_message(
    service: ScriptedService, twilio: TwilioSender, status: int
) -> None:
    service.script = lambda _asked: Reply(status=status, body={"code": 20003, "message": "no"})
    with pytest.raises(SmsUnavailableError):
        twilio.send(REMINDER)


def test_twilio_asking_for_a_pause_is_understood(service: ScriptedService, twilio: TwilioSender) -> None:
    service.script = lambda _asked: Reply(
        status=429, body={"code": 20429, "message": "slow"}, headers={"Retry-After": "5"}
    )
    with pytest.raises(SmsUnavailableError) as caught:
        twilio.send(REMINDER)
    assert caught.value.retry_after == pytest.approx(5.0)


@pytest.mark.parametrize("reply", [Reply(is_lost=True), Reply(status=504, body="<html>"), Reply(status=201, body="?")])
def test_an_answer_that_is_lost_or_garbled_leaves_the_outcome_unknown(
    service: ScriptedService, twilio: TwilioSender, reply: Reply
) -> None:
    service.script = lambda _asked: reply
    with pytest.raises(SmsUnknownError):
        twilio.send(REMINDER)
    assert len(service.asked) == 1


def test_a_provider_that_does_not_listen_has_certainly_accepted_nothing() -> None:
    url = closed_address()
    twilio = TwilioSender(
        account_sid="AC1", auth_token=ACCOUNT_WORD, sender="MG7", before_call=lambda: None, api_base=url
    )
    for sender in (twilio, SandboxSmsSender(sandbox_url=url, before_call=lambda: None)):
        with pytest.raises(SmsUnavailableError):
            sender.send(REMINDER)


def test_twilio_cannot_be_asked_what_it_accepted(twilio: TwilioSender) -> None:
    with pytest.raises(LookupUnsupportedError):
        twilio.lookup(REMINDER.dedupe_key)


def test_no_request_leaves_when_the_guard_before_it_refuses(service: ScriptedService) -> None:
    def guard() -> None:
        raise TransactionOpenError

    twilio = TwilioSender(
        account_sid="AC1", auth_token=ACCOUNT_WORD, sender="MG7", before_call=guard, api_base=service.url
    )
    for sender in (twilio, SandboxSmsSender(sandbox_url=service.url, before_call=guard)):
        with pytest.raises(TransactionOpenError):
            sender.send(REMINDER)
    assert service.asked == []


def test_the_sandbox_accepts_a_key_once(sandbox: RunningSandbox, sender: SandboxSmsSender) -> None:
    first = sender.send(REMINDER)
    assert sender.send(REMINDER) == first
    assert sender.lookup(REMINDER.dedupe_key) == first
    kept = requests.get(f"{sandbox.url}/v1/sms", params={"to": REMINDER.to_e164}, timeout=5).json()["sms"]
    assert [(text["text"], text["attempts"]) for text in kept] == [(REMINDER.text, 2)]


def test_a_lost_answer_from_the_sandbox_can_be_looked_up(sandbox: RunningSandbox, sender: SandboxSmsSender) -> None:
    requests.post(f"{sandbox.url}/_sandbox/faults", json={"kind": "lose_answer_after"}, timeout=5)
    with pytest.raises(SmsUnknownError):
        sender.send(REMINDER)
    assert sender.lookup(REMINDER.dedupe_key) is not None


def test_the_sandbox_shows_the_text_in_its_inbox(sandbox: RunningSandbox, sender: SandboxSmsSender) -> None:
    sender.send(REMINDER)
    shown = requests.get(sandbox.url, timeout=5)
    assert shown.status_code == HTTPStatus.OK
    assert REMINDER.text in shown.text


@pytest.mark.parametrize(
    "number", ["", "030123456", "+0123456789", "+49 30 123456", "+49301234567890123", "+٤٩٣٠١٢٣٤٥٦"]
)
def test_a_number_must_be_in_e164_form(number: str) -> None:
    with pytest.raises(SmsRefusedError) as caught:
        SmsMessage(to_e164=number, text="Hello", dedupe_key="key")
    assert caught.value.is_bad_number


@pytest.mark.parametrize("provider", ["twilio", "sandbox", "pigeon"])
def test_a_provider_without_its_settings_is_unusable(provider: str) -> None:
    with pytest.raises(SmsProviderUnusableError):
        sms_sender(provider=provider, before_call=lambda: None)


def test_without_a_provider_there_is_no_sender() -> None:
    assert sms_sender(provider="none", before_call=lambda: None) is None

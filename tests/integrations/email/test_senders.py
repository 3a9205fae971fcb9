# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Iterator

import pytest

from tests.integrations.email.letters import CONFIRMATION, letter
from tests.integrations.email.providers import ACCEPTING, PROVIDERS, ClosingSender, sender_for
from tests.integrations.scripted_service import Reply, ScriptedService, closed_address
from tithi.integrations.email.contract import (
    Accepted,
    EmailRefusedError,
    EmailUnavailableError,
    EmailUnknownError,
    LookupUnsupportedError,
)
from tithi.integrations.email.factory import EmailProviderUnusableError, email_sender


class TransactionOpenError(Exception):
    pass


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sender(provider: str, service: ScriptedService) -> Iterator[ClosingSender]:
    sender = sender_for(provider, service.url)
    yield sender
    sender.close()


def test_an_accepted_message_is_named_by_the_providers_reference(
    provider: str, service: ScriptedService, sender: ClosingSender
) -> None:
    service.script = lambda _asked: ACCEPTING[provider]
    assert sender.send(CONFIRMATION) == Accepted(provider=provider, provider_ref="ref-1")
    assert len(service.asked) == 1


def test_messages_travel_over_one_kept_connection(
    provider: str, service: ScriptedService, sender: ClosingSender
) -> None:
    service.script = lambda _asked: ACCEPTING[provider]
    for number in range(3):
        sender.send(letter(dedupe_key=f"key-{number}"))
    assert len({asked.connection for asked in service.asked}) == 1


def test_a_provider_that_does_not_listen_has_certainly_accepted_nothing(provider: str) -> None:
    sender = sender_for(provider, closed_address())
    with pytest.raises(EmailUnavailableError):
        sender.send(CONFIRMATION)


def test_a_lost_answer_leaves_the_outcome_unknown_and_is_not_repeated(
    service: ScriptedService, sender: ClosingSender
) -> None:
    service.script = lambda _asked: Reply(is_lost=True)
    with pytest.raises(EmailUnknownError):
        sender.send(CONFIRMATION)
    assert len(service.asked) == 1


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_a_fault_of_the_provider_or_of_our_account_does_not_condemn_the_message(
    service: ScriptedService, sender: ClosingSender, status: int
) -> None:
    service.script = lambda _asked: Reply(status=status, body={"name": "some_error", "message": "no"})
    with pytest.raises(EmailUnavailableError):
        sender.send(CONFIRMATION)


def test_a_provider_asking_for_a_pause_is_understood(service: ScriptedService, sender: ClosingSender) -> None:
    service.script = lambda _asked: Reply(
        status=429, body={"name": "rate_limit_exceeded", "message": "no"}, headers={"Retry-After": "17"}
    )
    with pytest.raises(EmailUnavailableError) as caught:
        sender.send(CONFIRMATION)
    assert caught.value.retry_after == pytest.approx(17.0)


def test_a_message_at_fault_is_refused_for_good(service: ScriptedService, sender: ClosingSender) -> None:
    service.script = lambda _asked: Reply(status=400, body={"name": "validation_error", "message": "bad subject"})
    with pytest.raises(EmailRefusedError) as caught:
        sender.send(CONFIRMATION)
    assert not caught.value.is_bad_address


@pytest.mark.parametrize(
    ("provider", "body"),
    [
        ("sendgrid", {"errors": [{"message": "bad", "field": "personalizations.0.to.0.email"}]}),
        ("resend", {"name": "validation_error", "message": "Invalid `to` field.", "statusCode": 422}),
    ],
)
def test_a_refused_recipient_is_told_apart(
    service: ScriptedService, sender: ClosingSender, body: dict[str, object]
) -> None:
    service.script = lambda _asked: Reply(status=400, body=body)
    with pytest.raises(EmailRefusedError) as caught:
        sender.send(CONFIRMATION)
    assert caught.value.is_bad_address


@pytest.mark.parametrize("provider", ["sendgrid", "resend"])
def test_a_gateway_that_lost_the_answer_leaves_the_outcome_unknown(
    service: ScriptedService, sender: ClosingSender
) -> None:
    service.script = lambda _asked: Reply(status=504, body="<html>timeout</html>")
    with pytest.raises(EmailUnknownError):
        sender.send(CONFIRMATION)


def test_no_request_leaves_when_the_guard_before_it_refuses(provider: str, service: ScriptedService) -> None:
    def guard() -> None:
        raise TransactionOpenError

    sender = sender_for(provider, service.url, guard)
    with pytest.raises(TransactionOpenError):
        sender.send(CONFIRMATION)
    assert service.asked == []


def test_errors_show_neither_address_nor_content(service: ScriptedService, sender: ClosingSender) -> None:
    service.script = lambda _asked: Reply(status=400, body={"name": "validation_error", "message": CONFIRMATION.to})
    with pytest.raises(EmailRefusedError) as caught:
        sender.send(CONFIRMATION)
    assert CONFIRMATION.to not in str(caught.value)
    assert CONFIRMATION.subject not in str(caught.value)


@pytest.mark.parametrize("provider", ["sendgrid", "resend"])
def test_a_provider_that_cannot_be_asked_says_so(sender: ClosingSender) -> None:
    with pytest.raises(LookupUnsupportedError):
        sender.lookup("key")


def test_sendgrid_gets_the_key_as_an_argument_and_leaves_links_alone(service: ScriptedService) -> None:
    service.script = lambda _asked: ACCEPTING["sendgrid"]
    sender = sender_for("sendgrid", service.url)
    sender.send(CONFIRMATION)
    sender.close()
    asked = service.asked[0]
    assert (asked.path, asked.headers["Authorization"]) == ("/v3/mail/send", "Bearer key")
    body = asked.json
    assert body["from"] == {"name": CONFIRMATION.from_name, "email": "mail@tithi.example"}
    assert body["personalizations"] == [{"to": [{"email": CONFIRMATION.to}]}]
    assert body["custom_args"] == {**CONFIRMATION.tags, "dedupe_key": CONFIRMATION.dedupe_key}
    assert body["reply_to"] == {"email": "salon@example.org"}
    assert [content["type"] for content in body["content"]] == ["text/plain", "text/html"]
    assert body["attachments"][0]["filename"] == "visit.ics"
    assert body["tracking_settings"]["click_tracking"] == {"enable": False, "enable_text": False}


def test_resend_gets_the_key_as_its_own_idempotency_key(service: ScriptedService) -> None:
    service.script = lambda _asked: ACCEPTING["resend"]
    sender = sender_for("resend", service.url)
    sender.send(CONFIRMATION)
    sender.close()
    asked = service.asked[0]
    assert asked.headers["Idempotency-Key"] == CONFIRMATION.dedupe_key
    assert asked.headers["Authorization"] == "Bearer key"
    body = asked.json
    assert body["from"] == '"Salon \\"Möwe\\", Berlin" <mail@tithi.example>'
    assert body["tags"] == [
        {"name": "tenant", "value": "t_1"},
        {"name": "kind", "value": "booking_confirmed"},
    ]
    assert body["attachments"][0]["content"] == "QkVHSU46VkNBTEVOREFS"


def test_resend_refuses_a_key_that_was_used_with_other_content(service: ScriptedService) -> None:
    service.script = lambda _asked: Reply(status=409, body={"name": "invalid_idempotent_request", "message": "no"})
    sender = sender_for("resend", service.url)
    with pytest.raises(EmailRefusedError):
        sender.send(CONFIRMATION)
    sender.close()


@pytest.mark.parametrize("address", ["", "ada", "ada@example.org, bob@example.org", "Ada <ada@example.org>"])
def test_a_recipient_must_be_one_bare_address(address: str) -> None:
    with pytest.raises(EmailRefusedError) as caught:
        letter(to=address)
    assert caught.value.is_bad_address


@pytest.mark.parametrize("field", ["subject", "from_name", "to", "reply_to"])
def test_a_line_break_in_a_header_field_is_refused(field: str) -> None:
    with pytest.raises(EmailRefusedError):
        letter(**{field: "a@example.org\r\nBcc: b@example.org"})


@pytest.mark.parametrize("key", ["", "k" * 257])
def test_a_dedupe_key_must_be_of_usable_length(key: str) -> None:
    with pytest.raises(EmailRefusedError):
        letter(dedupe_key=key)


@pytest.mark.parametrize("provider", ["sendgrid", "resend", "sandbox", "pigeon"])
def test_a_provider_without_its_settings_is_unusable(provider: str) -> None:
    with pytest.raises(EmailProviderUnusableError):
        email_sender(provider=provider, from_address="mail@tithi.example", before_call=lambda: None)

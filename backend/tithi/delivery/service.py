# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import base64
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from uuid import UUID

import structlog
from sqlalchemy.dialects.postgresql import insert

from tithi.delivery.events import MessageFailed, MessageQueued, MessageSent
from tithi.delivery.models import Message
from tithi.delivery.senders import senders
from tithi.integrations.email import contract
from tithi.integrations.sms import contract as sms
from tithi.platform import clock
from tithi.platform.db import session, transaction
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id

log = structlog.get_logger(__name__)

EMAIL = "email"
SMS = "sms"
SWITCHED_OFF = "text messages are switched off"
MessageT_contra = TypeVar("MessageT_contra", contravariant=True)


class Acceptance(Protocol):
    @property
    def provider(self) -> str: ...

    @property
    def provider_ref(self) -> str: ...


class Sender(Protocol[MessageT_contra]):
    @property
    def deduplicates(self) -> bool: ...

    def send(self, message: MessageT_contra) -> Acceptance: ...

    def lookup(self, dedupe_key: str) -> Acceptance | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingEmail:
    """A rendered mail; `dedupe_key` makes it one mail however often it is queued."""

    recipient: str
    template: str
    subject_id: UUID | None
    to_address: str
    from_name: str
    reply_to: str | None
    subject: str
    text: str
    html: str
    dedupe_key: str
    attachments: tuple[contract.Attachment, ...] = field(default=())


def queue_email(mail: OutgoingEmail) -> None:
    """Queue a mail in the caller's transaction; a second one with the same dedupe key is not queued."""
    _queue(
        channel=EMAIL,
        recipient=mail.recipient,
        template=mail.template,
        subject_id=mail.subject_id,
        to_address=mail.to_address,
        from_name=mail.from_name,
        reply_to=mail.reply_to,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        attachments=[
            {
                "filename": one.filename,
                "content_type": one.content_type,
                "content": base64.b64encode(one.content).decode(),
            }
            for one in mail.attachments
        ],
        dedupe_key=mail.dedupe_key,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingText:
    """A text message to a number in E.164 form; `dedupe_key` makes it one however often it is queued."""

    recipient: str
    template: str
    subject_id: UUID | None
    to_e164: str
    from_name: str
    subject: str
    text: str
    dedupe_key: str


def can_text() -> bool:
    """Whether this installation sends text messages."""
    return senders().sms is not None


def queue_text(message: OutgoingText) -> None:
    """Queue a text message in the caller's transaction; a second one with the same dedupe key is not queued."""
    _queue(
        channel=SMS,
        recipient=message.recipient,
        template=message.template,
        subject_id=message.subject_id,
        to_address=message.to_e164,
        from_name=message.from_name,
        reply_to=None,
        subject=message.subject,
        text=message.text,
        html="",
        attachments=[],
        dedupe_key=message.dedupe_key,
    )


def _queue(**values: Any) -> None:
    message_id = new_id()
    queued = (
        session()
        .execute(
            insert(Message)
            .values(tenant_id=current_tenant_id(), id=message_id, status="queued", created_at=clock.now(), **values)
            .on_conflict_do_nothing(index_elements=["tenant_id", "dedupe_key"])
            .returning(Message.id)
        )
        .scalar_one_or_none()
    )
    if queued is not None:
        publish(MessageQueued(message_id=message_id))


def send(*, message_id: UUID) -> None:
    """Hand a queued message to its provider, with no transaction open.

    A message whose hand-over went unanswered is looked up before anything else; where the provider can neither tell nor
    dedupe, it is kept as `unknown` and not sent again. Raises when it should be tried again later.
    """
    with transaction():
        message = session().get_one(Message, (current_tenant_id(), message_id), with_for_update=True)
        was_sending = message.status == "sending"
        if message.status not in {"queued", "sending"}:
            return
        message.status = "sending"
    try:
        accepted = _hand_over(message, was_sending=was_sending)
    except (contract.EmailRefusedError, sms.SmsRefusedError) as error:
        _close(message_id, "failed", failure=error.reason)
        return
    except (contract.EmailUnavailableError, sms.SmsUnavailableError):
        _close(message_id, "queued")
        raise
    if accepted is None:
        _close(message_id, "unknown", failure="the provider did not answer")
        return
    _close(message_id, "sent", accepted=accepted)


def _hand_over(message: Message, *, was_sending: bool) -> Acceptance | None:
    if message.channel == EMAIL:
        return _insist(senders().email, _email(message), message.dedupe_key, was_sending=was_sending)
    sender = senders().sms
    if sender is None:
        raise sms.SmsRefusedError(SWITCHED_OFF)
    text = sms.SmsMessage(to_e164=message.to_address, text=message.text, dedupe_key=message.dedupe_key)
    return _insist(sender, text, message.dedupe_key, was_sending=was_sending)


def _insist(
    sender: Sender[MessageT_contra], message: MessageT_contra, dedupe_key: str, *, was_sending: bool
) -> Acceptance | None:
    if was_sending:
        try:
            found = sender.lookup(dedupe_key)
        except (contract.LookupUnsupportedError, sms.LookupUnsupportedError):
            if not sender.deduplicates:
                return None
        else:
            if found is not None:
                return found
    return sender.send(message)


def _email(message: Message) -> contract.EmailMessage:
    return contract.EmailMessage(
        to=message.to_address,
        subject=message.subject,
        text=message.text,
        html=message.html,
        from_name=message.from_name,
        reply_to=message.reply_to,
        dedupe_key=message.dedupe_key,
        tags={"tenant_id": str(message.tenant_id), "message_id": str(message.id)},
        attachments=tuple(
            contract.Attachment(
                filename=one["filename"],
                content_type=one["content_type"],
                content=base64.b64decode(one["content"]),
            )
            for one in message.attachments
        ),
    )


def _close(message_id: UUID, status: str, *, accepted: Acceptance | None = None, failure: str | None = None) -> None:
    with transaction():
        message = session().get_one(Message, (current_tenant_id(), message_id), with_for_update=True)
        message.status = status
        message.failure = failure
        if accepted is not None:
            message.provider = accepted.provider
            message.provider_ref = accepted.provider_ref
            message.sent_at = clock.now()
            publish(MessageSent(message_id=message_id))
        elif failure is not None:
            publish(MessageFailed(message_id=message_id, reason=failure))

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the processor reports: kept once, then taken as a hint to fetch the object itself."""

from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from tithi.integrations.stripe.contract import SignatureInvalidError
from tithi.payments import queries
from tithi.payments.errors import SignatureWrongError
from tithi.payments.models import CardSetup, PaymentAttempt, Refund
from tithi.payments.processor import processing, processor
from tithi.payments.service.accounts import refresh_account
from tithi.payments.service.cards import apply_setup, call_setup
from tithi.payments.service.charging import charge
from tithi.payments.service.refunds import refund
from tithi.platform import ingest
from tithi.platform.db import session, transaction
from tithi.platform.tenancy import scope_without_tenant, tenant_scope

ENDPOINT = "payments.connect"

log = structlog.get_logger(__name__)


def receive_event(*, body: bytes, signature: str) -> None:
    """Verify and keep an event; repeats are known by their id.

    Raises:
        SignatureWrong: it was not signed with any of our secrets within the tolerance.
    """
    try:
        event = processor().parse_event(body, signature, processing().webhook_secrets)
    except SignatureInvalidError as error:
        raise SignatureWrongError from error
    ingest.store(
        endpoint=ENDPOINT,
        event_id=event.event_id,
        body=body,
        headers={"Stripe-Signature": signature},
        summary={
            "type": event.type,
            "account_ref": event.account_ref,
            "object_type": event.object_type,
            "object_ref": event.object_ref,
        },
    )


def apply_event(*, account_ref: str | None, object_type: str, object_ref: str) -> None:
    """Fetch what an event was about and apply that; order, repeats and gaps do not matter."""
    if account_ref is None:
        log.warning("processor_event.without_account", object_type=object_type)
        return
    with scope_without_tenant(), transaction():
        tenant_id = queries.tenant_of_account(account_ref)
    if tenant_id is None:
        log.error("processor_event.foreign_account", object_type=object_type)
        return
    with tenant_scope(tenant_id, actor="stripe"):
        _apply_in_tenant(account_ref, object_type, object_ref)


def _apply_in_tenant(account_ref: str, object_type: str, object_ref: str) -> None:
    if object_type == "setup_intent":
        for setup_id in _ids(CardSetup.id, CardSetup.setup_ref, object_ref):
            found = call_setup(setup_id=setup_id)
            with transaction():
                apply_setup(setup_id=setup_id, found=found)
    elif object_type == "payment_intent":
        for attempt_id in _ids(PaymentAttempt.id, PaymentAttempt.intent_ref, object_ref):
            charge(attempt_id=attempt_id)
    elif object_type == "refund":
        for refund_id in _ids(Refund.id, Refund.refund_ref, object_ref):
            refund(refund_id=refund_id)
    elif object_type in {"account", "v2.core.account"}:
        refresh_account(account_ref=account_ref)


def _ids(column: InstrumentedAttribute[UUID], reference: InstrumentedAttribute[str | None], value: str) -> list[UUID]:
    with transaction():
        return list(session().scalars(select(column).where(reference == value)))

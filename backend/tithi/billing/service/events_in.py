# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the processor reports of the platform's own account: kept once, then taken as a hint to fetch the object."""

from datetime import datetime
from uuid import UUID

import structlog

from tithi.billing import queries
from tithi.billing.errors import BillingSignatureError
from tithi.billing.processor import billing
from tithi.billing.service import cards, changes, mirror
from tithi.billing.service.calls import Outcome
from tithi.integrations.stripe.billing_contract import SubscriptionState
from tithi.integrations.stripe.contract import SignatureInvalidError
from tithi.platform import clock, ingest, jobs
from tithi.platform.db import transaction
from tithi.platform.tenancy import tenant_scope

ENDPOINT = "billing.platform"

log = structlog.get_logger(__name__)


def receive_event(*, body: bytes, signature: str) -> None:
    """Verify and keep an event; repeats are known by their id.

    Raises:
        BillingSignature: it was not signed with any of our secrets within the tolerance.
    """
    try:
        event = billing().events.parse_event(body, signature, billing().webhook_secrets)
    except SignatureInvalidError as error:
        raise BillingSignatureError from error
    ingest.store(
        endpoint=ENDPOINT,
        event_id=event.event_id,
        body=body,
        headers={"Stripe-Signature": signature},
        summary={
            "type": event.type,
            "account_ref": event.account_ref,
            "live": event.live,
            "object_type": event.object_type,
            "object_ref": event.object_ref,
        },
    )


def apply_event(*, account_ref: str | None, live: bool, object_type: str, object_ref: str) -> None:
    """Fetch what an event was about and apply that; order, repeats and gaps do not matter."""
    if account_ref is not None or live is not billing().is_live:
        log.error("billing_event.refused", object_type=object_type, account_ref=account_ref, live=live)
        return
    if object_type == "subscription":
        _refresh(object_ref)
    elif object_type == "invoice":
        invoice = billing().processor.fetch_invoice(invoice_ref=object_ref)
        if invoice.subscription_ref is not None:
            _refresh(invoice.subscription_ref)
    elif object_type == "setup_intent":
        _collect_card(object_ref)


def reconcile() -> None:
    """Fetch the tenant's subscription and apply it, take up what was left lying, and come back tomorrow."""
    with transaction():
        row = queries.find_subscription()
        card = queries.waiting_card()
    if row is None:
        return
    if card is not None:
        cards.collect(change_id=card.id)
    read_at = clock.now()
    state = None
    if row.subscription_ref is not None:
        state = billing().processor.fetch_subscription(subscription_ref=row.subscription_ref)
    with transaction():
        locked = queries.locked_subscription()
        if locked is None:
            return
        if state is not None:
            _compare(locked.status, state)
            mirror.apply(locked, state, read_at=read_at)
            changes.follow_locations_of(locked)
        elif not queries.open_changes("start"):
            changes.write_start(locked, at_once=True)
        mirror.tell_trial_end(locked)
        jobs.schedule(changes.RECONCILE_TIMER, locked.id, clock.now() + changes.RECONCILE_EVERY)


def _compare(known: str | None, state: SubscriptionState) -> None:
    if known != state.status:
        log.warning("subscription.mirror_differed", known=known, status=state.status)


def _refresh(subscription_ref: str) -> None:
    read_at = clock.now()
    state = billing().processor.fetch_subscription(subscription_ref=subscription_ref)
    tenant_id = _tenant_of(state.metadata)
    if tenant_id is None:
        log.error("billing_event.foreign", subscription_ref=subscription_ref)
        return
    with tenant_scope(tenant_id, actor="stripe"), transaction():
        _take(state, read_at)


def _take(state: SubscriptionState, read_at: datetime) -> None:
    """Apply what was fetched; a beginning whose answer was lost is known by the change that asked for it."""
    row = queries.locked_subscription()
    if row is None:
        log.error("billing_event.foreign", subscription_ref=state.subscription_ref)
        return
    if row.subscription_ref == state.subscription_ref:
        mirror.apply(row, state, read_at=read_at)
        changes.follow_locations_of(row)
        return
    for start in queries.open_changes("start"):
        if str(start.id) == state.metadata.get("change_id"):
            changes.keep(start.id, Outcome(state=state), read_at=read_at)


def _collect_card(setup_ref: str) -> None:
    _, metadata = billing().processor.fetch_setup(setup_ref=setup_ref)
    tenant_id, change_id = _tenant_of(metadata), metadata.get("change_id")
    if tenant_id is not None and change_id is not None:
        with tenant_scope(tenant_id, actor="stripe"):
            cards.collect(change_id=UUID(change_id))


def _tenant_of(metadata: dict[str, str]) -> UUID | None:
    """Whose it is; metadata on the platform's own account are written by this platform alone."""
    try:
        return UUID(metadata.get("tenant_id", ""))
    except ValueError:
        return None

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the processor reports: kept once, then taken as a hint to fetch the object itself."""

from collections.abc import Callable

from sqlalchemy import select

from tithi.integrations.stripe.contract import SignatureInvalidError
from tithi.payments import queries
from tithi.payments.errors import SignatureWrongError
from tithi.payments.models import CardSetup, PaymentAttempt
from tithi.payments.processor import processing, processor
from tithi.payments.service.accounts import refresh_account
from tithi.payments.service.cards import apply_setup, call_setup
from tithi.payments.service.charging import IN_FLIGHT, apply_charge, charge
from tithi.payments.service.disputes import keep_dispute
from tithi.payments.service.keeping import refresh_card
from tithi.payments.service.payouts import keep_payout
from tithi.payments.service.refunds import keep_refund
from tithi.platform import ingest
from tithi.platform.db import session, transaction
from tithi.platform.tenancy import scope_without_tenant, tenant_scope

ENDPOINT = "payments.connect"
WITHOUT_ACCOUNT = "without_account"
FOREIGN_ACCOUNT = "foreign_account"
WRONG_MODE = "wrong_mode"


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
            "live": event.live,
        },
    )


def apply_event(*, account_ref: str | None, object_type: str, object_ref: str, live: bool) -> None:
    """Fetch what an event was about and apply that; order, repeats and gaps do not matter.

    Raises:
        Refused: it comes from an account, or a mode, that is not ours.
    """
    if account_ref is None:
        raise ingest.RefusedError(WITHOUT_ACCOUNT)
    with scope_without_tenant(), transaction():
        tenant_id = queries.tenant_of_account(account_ref)
    if tenant_id is None:
        raise ingest.RefusedError(FOREIGN_ACCOUNT)
    with tenant_scope(tenant_id, actor="stripe"):
        with transaction():
            account = queries.payout_account()
        if account is None or account.live is not live:
            raise ingest.RefusedError(WRONG_MODE)
        apply_object(account_ref=account_ref, object_type=object_type, object_ref=object_ref)


def apply_object(*, account_ref: str, object_type: str, object_ref: str) -> None:
    """Fetch an object of the open tenant's account and apply it; one that is not ours changes nothing."""
    apply = _APPLY.get(object_type)
    if apply is not None:
        apply(account_ref, object_ref)


def _apply_setup(account_ref: str, setup_ref: str) -> None:
    with transaction():
        statement = select(CardSetup.id).where(CardSetup.setup_ref == setup_ref, CardSetup.account_ref == account_ref)
        setups = list(session().scalars(statement))
    for setup_id in setups:
        found = call_setup(setup_id=setup_id)
        with transaction():
            apply_setup(setup_id=setup_id, found=found)


def _apply_intent(account_ref: str, intent_ref: str) -> None:
    with transaction():
        attempt = queries.attempt_of_intent(intent_ref)
    if attempt is not None and attempt.account_ref == account_ref:
        charge(attempt_id=attempt.id)


def _apply_charge(account_ref: str, charge_ref: str) -> None:
    with transaction():
        attempt = queries.attempt_of_charge(charge_ref)
    if attempt is None or attempt.account_ref != account_ref or attempt.intent_ref is None:
        return
    _know_capture(attempt)
    for found in processor().list_refunds_of(account=account_ref, intent_ref=attempt.intent_ref):
        with transaction():
            keep_refund(found)


def _apply_refund(account_ref: str, refund_ref: str) -> None:
    found = processor().fetch_refund(account=account_ref, refund_ref=refund_ref)
    with transaction():
        attempt = queries.attempt_of_intent(found.intent_ref) if found.intent_ref else None
    if attempt is None or attempt.account_ref != account_ref:
        return
    _know_capture(attempt)
    with transaction():
        keep_refund(found)


def _know_capture(attempt: PaymentAttempt) -> None:
    """What was given back was captured, also where its answer was lost and its event has not come."""
    if attempt.status == "succeeded" or attempt.intent_ref is None:
        return
    found = processor().fetch_charge(account=attempt.account_ref, intent_ref=attempt.intent_ref)
    if found.status == "succeeded" and attempt.status in IN_FLIGHT:
        with transaction():
            apply_charge(attempt.id, found)


def _apply_dispute(account_ref: str, dispute_ref: str) -> None:
    found = processor().fetch_dispute(account=account_ref, dispute_ref=dispute_ref)
    with transaction():
        keep_dispute(account_ref, found)


def _apply_payout(account_ref: str, payout_ref: str) -> None:
    found = processor().fetch_payout(account=account_ref, payout_ref=payout_ref)
    with transaction():
        keep_payout(found)


def _apply_account(account_ref: str, _object_ref: str) -> None:
    refresh_account(account_ref=account_ref)


def _apply_card(account_ref: str, method_ref: str) -> None:
    refresh_card(account_ref=account_ref, method_ref=method_ref)


_APPLY: dict[str, Callable[[str, str], None]] = {
    "setup_intent": _apply_setup,
    "payment_intent": _apply_intent,
    "charge": _apply_charge,
    "payment_method": _apply_card,
    "refund": _apply_refund,
    "dispute": _apply_dispute,
    "payout": _apply_payout,
    "account": _apply_account,
    "application": _apply_account,
    "v2.core.account": _apply_account,
}

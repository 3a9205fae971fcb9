# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Cards kept for later: a row, then the call with its keys, then what became of it."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from tithi.integrations.stripe import contract
from tithi.payments import queries
from tithi.payments.events import CardSaved
from tithi.payments.models import Card, CardSetup, Payment, PaymentAttempt
from tithi.payments.processor import processor
from tithi.payments.service.paying import customer_ref_of, keep_paying_customer
from tithi.platform import clock, jobs
from tithi.platform.db import session, transaction
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id

RECOVER_AFTER = timedelta(seconds=20)
ROUND = timedelta(minutes=10)
STATUS_WORDS = {
    "needs_method": "card_pending",
    "needs_customer": "card_pending",
    "processing": "card_pending",
    "succeeded": "card_on_file",
    "canceled": "card_failed",
}
CHARGE_WORDS = {"succeeded": "card_on_file", "canceled": "card_failed"}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SetupAnswer:
    """`card_status` is card_pending, card_on_file, card_failed or none; the secret is for the customer's browser.

    With a payment the card is kept by taking money from it.
    """

    card_status: str
    client_secret: str | None
    needs_card_entry: bool
    decline_message: str | None
    is_payment: bool = False


NO_CARD = SetupAnswer("none", None, needs_card_entry=False, decline_message=None)


def begin_setup(*, owner_id: UUID, customer_id: UUID, account_ref: str, given_method_ref: str | None) -> UUID:
    """Write down that a card is going to be set up for an owner, in the caller's transaction."""
    setup_id = write_setup(
        owner_id=owner_id, customer_id=customer_id, account_ref=account_ref, given_method_ref=given_method_ref
    )
    jobs.schedule("payments.recover_setup", setup_id, clock.now() + RECOVER_AFTER)
    return setup_id


def write_setup(
    *,
    owner_id: UUID,
    customer_id: UUID,
    account_ref: str,
    given_method_ref: str | None,
    payment_id: UUID | None = None,
) -> UUID:
    """Write down a card that is on its way, kept by a payment where one is named, in the caller's transaction."""
    now = clock.now()
    setup = CardSetup(
        tenant_id=current_tenant_id(),
        id=new_id(),
        owner_id=owner_id,
        customer_id=customer_id,
        account_ref=account_ref,
        given_method_ref=given_method_ref,
        payment_id=payment_id,
        status="submitted",
        created_at=now,
        updated_at=now,
    )
    session().add(setup)
    session().flush()
    return setup.id


def call_setup(*, setup_id: UUID) -> contract.CardSetup | None:
    """Ask the processor, with no transaction open; None when it did not answer, and the worker asks again."""
    with transaction():
        setup = session().get_one(CardSetup, (current_tenant_id(), setup_id))
    tried = _round(setup)
    metadata = {"tenant_id": str(setup.tenant_id), "setup_id": str(setup.id)}
    try:
        customer_ref = customer_ref_of(customer_id=setup.customer_id, account_ref=setup.account_ref, tried=tried)
        if setup.setup_ref:
            return processor().fetch_setup(account=setup.account_ref, setup_ref=setup.setup_ref)
        return processor().set_up_card(
            account=setup.account_ref,
            key=f"{setup.tenant_id}:{setup.id}:setup{tried}",
            customer_ref=customer_ref,
            payment_method_ref=setup.given_method_ref,
            return_url=None,
            metadata=metadata,
        )
    except (contract.NoAnswerError, contract.BusyError) as error:
        log.warning("card_setup.no_answer", setup_id=str(setup_id), reason=type(error).__name__)
        return None
    except contract.RefusedError as error:
        log.warning("card_setup.refused", setup_id=str(setup_id), code=error.code)
        with transaction():
            refused = session().get_one(CardSetup, (current_tenant_id(), setup_id), with_for_update=True)
            refused.status = "card_failed"
            refused.decline_code = error.code
            jobs.cancel("payments.recover_setup", setup_id)
        return None


def apply_setup(*, setup_id: UUID, found: contract.CardSetup | None) -> SetupAnswer:
    """Keep what the processor said, in the caller's transaction; a saved card is told as a fact once."""
    setup = session().get_one(CardSetup, (current_tenant_id(), setup_id), with_for_update=True)
    if found is None:
        return SetupAnswer(_word(setup.status), None, needs_card_entry=False, decline_message=None)
    was_on_file = setup.status == "card_on_file"
    setup.setup_ref = found.setup_id
    setup.status = "card_failed" if found.decline else STATUS_WORDS[found.status]
    setup.decline_code = (found.decline.decline_code or found.decline.code) if found.decline else None
    setup.updated_at = clock.now()
    jobs.cancel("payments.recover_setup", setup_id)
    keep_paying_customer(customer_id=setup.customer_id, account_ref=setup.account_ref, customer_ref=found.customer_ref)
    if setup.status == "card_on_file" and not was_on_file:
        _keep_card(setup, found.customer_ref, found.payment_method_ref, found.card)
        publish(CardSaved(owner_id=setup.owner_id, customer_id=setup.customer_id))
    waits = setup.status != "card_on_file"
    return SetupAnswer(
        setup.status,
        found.client_secret if waits else None,
        needs_card_entry=found.status == "needs_method",
        decline_message=found.decline.message if found.decline else None,
    )


def keep_by_payment(payment: Payment, attempt: PaymentAttempt, found: contract.ChargeState) -> None:
    """Keep the card that a payment took money from, in the caller's transaction; told as a fact once."""
    customer_ref = attempt.customer_ref or ""
    keep_paying_customer(customer_id=payment.customer_id, account_ref=attempt.account_ref, customer_ref=customer_ref)
    for setup in _setups_by(payment):
        was_on_file = setup.status == "card_on_file"
        setup.status = "card_failed" if found.decline else CHARGE_WORDS.get(found.status, "card_pending")
        setup.decline_code = (found.decline.decline_code or found.decline.code) if found.decline else None
        setup.updated_at = clock.now()
        if setup.status == "card_on_file" and not was_on_file:
            _keep_card(setup, customer_ref, found.payment_method_ref, found.card)
            publish(CardSaved(owner_id=setup.owner_id, customer_id=setup.customer_id))


def fail_by_payment(payment: Payment, code: str) -> None:
    """The processor would not take a payment that was to keep a card, in the caller's transaction."""
    for setup in _setups_by(payment):
        setup.status = "card_failed"
        setup.decline_code = code
        setup.updated_at = clock.now()


def _setups_by(payment: Payment) -> list[CardSetup]:
    return list(session().scalars(select(CardSetup).where(CardSetup.payment_id == payment.id).with_for_update()))


def card_state(*, owner_id: UUID) -> str:
    """Where the owner's card stands, from the rows alone."""
    setup = queries.latest_setup(owner_id)
    if setup is None:
        return "none"
    is_gone = setup.status == "card_on_file" and not queries.list_cards(setup.customer_id)
    return "card_failed" if is_gone else _word(setup.status)


def recover_setup(*, setup_id: UUID) -> None:
    """Finish a setup whose answer was lost; raises when the processor is still silent, so that it is tried again."""
    with transaction():
        setup = session().get_one(CardSetup, (current_tenant_id(), setup_id))
        settled = setup.status != "submitted"
    if settled:
        return
    found = call_setup(setup_id=setup_id)
    with transaction():
        answer = apply_setup(setup_id=setup_id, found=found)
    if found is None and answer.card_status == "card_pending":
        raise contract.NoAnswerError


def _round(setup: CardSetup) -> str:
    """What tells the keys of later rounds apart: a failure that the processor repeats for a key ends with the round.

    Keeping a card moves no money, so that asking anew can do no harm.
    """
    number = (clock.now() - setup.created_at) // ROUND
    return f":{number}" if number else ""


def _word(status: str) -> str:
    return "card_pending" if status == "submitted" else status


def _keep_card(setup: CardSetup, customer_ref: str, method_ref: str | None, card: contract.CardDetails | None) -> None:
    if method_ref is None:
        return
    session().execute(
        insert(Card)
        .values(
            tenant_id=setup.tenant_id,
            id=new_id(),
            customer_id=setup.customer_id,
            account_ref=setup.account_ref,
            customer_ref=customer_ref,
            method_ref=method_ref,
            brand=card.brand if card else "unknown",
            last4=card.last4 if card else "",
            exp_month=card.exp_month if card else 1,
            exp_year=card.exp_year if card else 1970,
            status="card_on_file",
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "account_ref", "customer_ref", "method_ref"])
    )

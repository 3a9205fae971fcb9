# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The call that each kind of change stands for; every key is made of ids that were committed before."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tithi.billing import queries
from tithi.billing.models import Subscription, SubscriptionChange
from tithi.billing.processor import PRODUCT_NAME, billing
from tithi.integrations.stripe.billing_contract import SubscriptionState
from tithi.integrations.stripe.contract import CardDetails, CardSetup, RefusedError
from tithi.platform.db import transaction
from tithi.tenants import queries as tenants

PAID_ALREADY = "invoice_already_paid"
DECLINED = "card_declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the processor said: a state, a refusal, a card, or that its holder has to act (`waits`)."""

    state: SubscriptionState | None = None
    refusal: str | None = None
    setup_ref: str | None = None
    card: CardDetails | None = None
    waits: bool = False


def ask(change: SubscriptionChange, row: Subscription) -> Outcome:
    """Call the processor, with no transaction open.

    Raises:
        NoAnswer, Busy, Refused: as the processor's contract says.
    """
    return _CALLS[change.kind](change, row)


def setup_outcome(change: SubscriptionChange, row: Subscription, setup: CardSetup) -> Outcome:
    """Charge a card that was kept from now on; says what else became of the setup."""
    if setup.status == "succeeded" and setup.payment_method_ref is not None and row.customer_ref is not None:
        billing().processor.use_card(
            key=_key(change, "use"), customer_ref=row.customer_ref, payment_method_ref=setup.payment_method_ref
        )
        state = None
        if row.subscription_ref is not None:
            state = billing().processor.fetch_subscription(subscription_ref=row.subscription_ref)
        return Outcome(state=state, setup_ref=setup.setup_id, card=setup.card)
    if setup.status == "canceled" or (setup.decline is not None and change.parameters.get("payment_method_ref")):
        code = setup.decline.decline_code or setup.decline.code if setup.decline else "canceled"
        return Outcome(refusal=code, setup_ref=setup.setup_id)
    return Outcome(waits=True, setup_ref=setup.setup_id)


def _start(change: SubscriptionChange, row: Subscription) -> Outcome:
    terms = billing()
    customer_ref = _customer(row)
    price_ref = terms.processor.monthly_price(
        key=terms.price_name,
        lookup_key=terms.price_name,
        product_name=PRODUCT_NAME,
        unit_amount_cents=terms.unit_amount_cents,
        currency=terms.currency,
    )
    ends = change.parameters["trial_ends_at"]
    return Outcome(
        state=terms.processor.start_subscription(
            key=_key(change, "start"),
            customer_ref=customer_ref,
            price_ref=price_ref,
            quantity=change.parameters["quantity"],
            trial_ends_at=datetime.fromisoformat(ends) if ends else None,
            metadata=_metadata(change),
        )
    )


def _quantity(change: SubscriptionChange, row: Subscription) -> Outcome:
    return Outcome(
        state=billing().processor.change_quantity(
            key=_key(change, "quantity"),
            subscription_ref=_subscription(row),
            item_ref=row.item_ref or "",
            quantity=change.parameters["quantity"],
        )
    )


def _end_trial(change: SubscriptionChange, row: Subscription) -> Outcome:
    state = billing().processor.end_trial(key=_key(change, "end_trial"), subscription_ref=_subscription(row))
    return Outcome(state=state)


def _pause(change: SubscriptionChange, row: Subscription) -> Outcome:
    return Outcome(state=billing().processor.pause(key=_key(change, "pause"), subscription_ref=_subscription(row)))


def _resume(change: SubscriptionChange, row: Subscription) -> Outcome:
    state = billing().processor.resume(key=_key(change, "resume"), subscription_ref=_subscription(row))
    return Outcome(state=state, refusal=DECLINED if state.status == "paused" else None)


def _pay(change: SubscriptionChange, row: Subscription) -> Outcome:
    """Pay all that is owed, oldest first, until the card says no."""
    refusal = None
    state = billing().processor.fetch_subscription(subscription_ref=_subscription(row))
    for invoice in state.unpaid:
        refusal = _refusal(_key(change, f"pay:{invoice.invoice_ref}"), invoice.invoice_ref)
        if refusal is not None:
            break
    state = billing().processor.fetch_subscription(subscription_ref=_subscription(row))
    return Outcome(state=state, refusal=refusal)


def _refusal(key: str, invoice_ref: str) -> str | None:
    try:
        decline = billing().processor.pay_invoice(key=key, invoice_ref=invoice_ref)
    except RefusedError as error:
        if error.code != PAID_ALREADY:
            raise
        return None
    return (decline.decline_code or decline.code) if decline else None


def _end_later(change: SubscriptionChange, row: Subscription) -> Outcome:
    return _set_ending(change, row, ends=True)


def _stay(change: SubscriptionChange, row: Subscription) -> Outcome:
    return _set_ending(change, row, ends=False)


def _set_ending(change: SubscriptionChange, row: Subscription, *, ends: bool) -> Outcome:
    state = billing().processor.set_ending(
        key=_key(change, change.kind), subscription_ref=_subscription(row), ends=ends
    )
    return Outcome(state=state)


def _end_now(_change: SubscriptionChange, row: Subscription) -> Outcome:
    state = billing().processor.fetch_subscription(subscription_ref=_subscription(row))
    if state.status != "canceled":
        state = billing().processor.cancel_now(subscription_ref=_subscription(row))
    return Outcome(state=state)


def _card(change: SubscriptionChange, row: Subscription) -> Outcome:
    setup = billing().processor.set_up_card(
        key=_key(change, "setup"),
        customer_ref=_customer(row),
        payment_method_ref=change.parameters["payment_method_ref"],
        metadata=_metadata(change),
    )
    return setup_outcome(change, row, setup)


def _customer(row: Subscription) -> str:
    """The business as the processor's customer; the reference is committed before it is used."""
    if row.customer_ref is not None:
        return row.customer_ref
    with transaction():
        tenant = tenants.get_tenant()
    made = billing().processor.create_customer(
        key=f"{row.tenant_id}:{row.id}:customer",
        email=tenant.email,
        name=tenant.name,
        metadata={"tenant_id": str(row.tenant_id)},
    )
    with transaction():
        locked = queries.locked_subscription()
        if locked is not None:
            locked.customer_ref = row.customer_ref = locked.customer_ref or made
    return row.customer_ref or made


def _subscription(row: Subscription) -> str:
    if row.subscription_ref is None:
        message = "a change of a subscription that was not begun"
        raise ValueError(message)
    return row.subscription_ref


def _key(change: SubscriptionChange, call: str) -> str:
    return f"{change.tenant_id}:{change.id}:{call}"


def _metadata(change: SubscriptionChange) -> dict[str, str]:
    return {"tenant_id": str(change.tenant_id), "change_id": str(change.id)}


_CALLS: dict[str, Callable[[SubscriptionChange, Subscription], Outcome]] = {
    "start": _start,
    "quantity": _quantity,
    "end_trial": _end_trial,
    "pause": _pause,
    "resume": _resume,
    "pay": _pay,
    "end_later": _end_later,
    "stay": _stay,
    "end_now": _end_now,
    "card": _card,
}

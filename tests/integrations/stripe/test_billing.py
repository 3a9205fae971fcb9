# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The platform's own subscriptions, asked for by the real client, on the sandbox's clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.integrations.stripe.conformance import operation
from tests.integrations.stripe.conftest import Served
from tests.integrations.stripe.derive_schema import BILLING_PARAMETERS
from tithi.integrations.stripe.billing_client import StripeBilling
from tithi.integrations.stripe.billing_contract import SubscriptionBilling, SubscriptionState
from tithi.integrations.stripe.client import StripeProcessor
from tithi.integrations.stripe.contract import RefusedError
from tithi.integrations.stripe.sandbox.params import Params

DAY = 24 * 3600
HOUR = 3600
CENTS = 1199
CARD = "pm_card_visa"
FAILS_LATER = "pm_card_chargeCustomerFail"
Start = Callable[..., SubscriptionState]


@pytest.fixture
def billing(processor: StripeProcessor) -> SubscriptionBilling:
    return StripeBilling(processor)


@pytest.fixture
def business(billing: SubscriptionBilling) -> str:
    return billing.create_customer(key="business", email="owner@salon.test", name="Salon", metadata={"tenant_id": "1"})


@pytest.fixture
def start(billing: SubscriptionBilling, business: str, served: Served) -> Start:
    """Begin a subscription, with as many days of trial, and first a card where one is named; a key keeps its moment."""
    moments: dict[str, datetime] = {}

    def begin(*, trial_days: int = 14, card: str | None = None, quantity: int = 1, key: str = "s") -> SubscriptionState:
        if card is not None:
            use(billing, business, card, key=f"{key}-card")
        return billing.start_subscription(
            key=key,
            customer_ref=business,
            price_ref=price(billing),
            quantity=quantity,
            trial_ends_at=moments.setdefault(key, at(served)) + timedelta(days=trial_days) if trial_days else None,
            metadata={"change_id": key},
        )

    return begin


def price(billing: SubscriptionBilling) -> str:
    return billing.monthly_price(
        key="price", lookup_key="location", product_name="Location", unit_amount_cents=CENTS, currency="USD"
    )


def use(billing: SubscriptionBilling, business: str, card: str, *, key: str = "card") -> None:
    setup = billing.set_up_card(key=key, customer_ref=business, payment_method_ref=card, metadata={})
    assert setup.payment_method_ref is not None
    billing.use_card(key=f"{key}-use", customer_ref=business, payment_method_ref=setup.payment_method_ref)


def at(served: Served) -> datetime:
    return datetime.fromtimestamp(served.state.now(), UTC)


def paid(served: Served) -> list[int]:
    """What was charged, oldest first."""
    found = [body["amount_paid"] for body in served.state.objects("invoices") if body["status"] == "paid"]
    return [amount for amount in reversed(found) if amount]


def told(served: Served) -> list[str]:
    return [event["type"] for event in reversed(served.state.objects("events"))]


def test_a_price_is_made_once_and_found_again(
    billing: SubscriptionBilling, processor: StripeProcessor, served: Served
) -> None:
    found = {price(billing), price(billing), price(StripeBilling(processor))}
    assert [found] == [{body["id"]} for body in served.state.objects("prices")]


def test_a_trial_that_ends_without_a_card_pauses_and_a_card_resumes_it(
    billing: SubscriptionBilling, business: str, start: Start, served: Served
) -> None:
    begun = start(quantity=2)
    assert (begun.status, begun.quantity, begun.unit_amount_cents, begun.card) == ("trialing", 2, CENTS, None)
    served.state.advance(11 * DAY)
    assert "customer.subscription.trial_will_end" in told(served)
    served.state.advance(3 * DAY)
    paused = billing.fetch_subscription(subscription_ref=begun.subscription_ref)
    assert paused.status == "paused"
    assert told(served)[-1] == "customer.subscription.paused"

    use(billing, business, CARD)
    resumed = billing.resume(key="resume", subscription_ref=begun.subscription_ref)
    assert (resumed.status, resumed.card and resumed.card.last4) == ("active", "4242")
    assert paid(served) == [2 * CENTS]
    assert resumed.period_ends_at > at(served) + timedelta(days=27)


def test_a_renewal_is_a_draft_for_an_hour_before_it_is_charged(
    billing: SubscriptionBilling, start: Start, served: Served
) -> None:
    begun = start(card=CARD)
    served.state.advance(14 * DAY)
    (draft, _) = billing.list_invoices(customer_ref=begun.customer_ref, limit=10)
    assert (draft.status, paid(served)) == ("draft", [])
    served.state.advance(HOUR)
    shown = billing.fetch_invoice(invoice_ref=draft.invoice_ref)
    assert (shown.status, shown.paid_cents, shown.subscription_ref) == ("paid", CENTS, begun.subscription_ref)
    assert None not in (shown.hosted_url, shown.pdf_url, shown.number)
    served.state.advance(365 * DAY)
    assert paid(served) == [CENTS] * 12 + [CENTS]


def test_another_quantity_is_settled_by_the_day_with_the_next_invoice(
    billing: SubscriptionBilling, start: Start, served: Served
) -> None:
    begun = start(card=CARD, trial_days=0)
    assert (begun.status, paid(served)) == ("active", [CENTS])
    half = (begun.period_ends_at - at(served)) / 2
    served.state.advance(int(half.total_seconds()))
    more = billing.change_quantity(
        key="more", subscription_ref=begun.subscription_ref, item_ref=begun.item_ref, quantity=3
    )
    assert more.quantity == 3
    served.state.advance(int(half.total_seconds()) + 2 * HOUR)
    share = CENTS  # two more for half a month
    assert paid(served) == [CENTS, pytest.approx(3 * CENTS + share, abs=2)]


def test_an_unpaid_renewal_is_tried_again_and_ends_as_the_account_is_told_to(
    billing: SubscriptionBilling, business: str, start: Start, served: Served
) -> None:
    served.state.configure_dunning(Params({"retry_days": "3,5", "end": "unpaid"}))
    begun = start(card=FAILS_LATER)
    served.state.advance(14 * DAY + HOUR)
    owing = billing.fetch_subscription(subscription_ref=begun.subscription_ref)
    assert owing.status == "past_due"
    (debt,) = owing.unpaid
    assert (debt.amount_cents, debt.opened_at) == (CENTS, at(served))
    declined = billing.pay_invoice(key="try", invoice_ref=debt.invoice_ref)
    assert declined is not None
    assert declined.code == "card_declined"
    served.state.advance(9 * DAY)
    assert billing.fetch_subscription(subscription_ref=begun.subscription_ref).status == "unpaid"

    use(billing, business, CARD, key="better")
    assert billing.pay_invoice(key="again", invoice_ref=debt.invoice_ref) is None
    again = billing.fetch_subscription(subscription_ref=begun.subscription_ref)
    assert (again.status, again.unpaid, paid(served)) == ("active", (), [CENTS])


def test_a_debt_of_several_months_is_told_oldest_first_and_of_drafts_only_the_latest(
    billing: SubscriptionBilling, start: Start, served: Served
) -> None:
    served.state.configure_dunning(Params({"retry_days": "20,20", "end": "unpaid"}))
    begun = start(card=FAILS_LATER)
    served.state.advance(14 * DAY + HOUR + 35 * DAY)
    owing = billing.fetch_subscription(subscription_ref=begun.subscription_ref)
    moments = [debt.opened_at for debt in owing.unpaid if debt.opened_at is not None]
    assert (owing.status, [debt.amount_cents for debt in owing.unpaid]) == ("past_due", [CENTS, CENTS])
    assert moments == sorted(moments)
    served.state.advance(70 * DAY)
    owing = billing.fetch_subscription(subscription_ref=begun.subscription_ref)
    assert (owing.status, [debt.opened_at is None for debt in owing.unpaid]) == ("unpaid", [False, False, True])


@pytest.mark.parametrize(("end", "status"), [("cancel", "canceled"), ("past_due", "past_due")])
def test_the_last_try_may_also_cancel_or_leave_it(
    billing: SubscriptionBilling, start: Start, served: Served, end: str, status: str
) -> None:
    served.state.configure_dunning(Params({"retry_days": "3", "end": end}))
    begun = start(card=FAILS_LATER)
    served.state.advance(20 * DAY)
    assert billing.fetch_subscription(subscription_ref=begun.subscription_ref).status == status


def test_a_pause_keeps_the_rest_of_the_month_for_later(
    billing: SubscriptionBilling, start: Start, served: Served
) -> None:
    begun = start(card=CARD, trial_days=0)
    half = (begun.period_ends_at - at(served)) / 2
    served.state.advance(int(half.total_seconds()))
    paused = billing.pause(key="pause", subscription_ref=begun.subscription_ref)
    assert paused.status == "paused"
    served.state.advance(90 * DAY)
    assert paid(served) == [CENTS]
    resumed = billing.resume(key="resume", subscription_ref=begun.subscription_ref)
    assert resumed.status == "active"
    assert paid(served) == [CENTS, pytest.approx(CENTS / 2, abs=1)]


def test_a_resumption_that_is_not_paid_stays_paused(
    billing: SubscriptionBilling, business: str, start: Start, served: Served
) -> None:
    begun = start()
    served.state.advance(14 * DAY)
    use(billing, business, FAILS_LATER)
    assert billing.resume(key="resume", subscription_ref=begun.subscription_ref).status == "paused"
    assert paid(served) == []
    with pytest.raises(RefusedError):
        billing.pause(key="pause", subscription_ref=begun.subscription_ref)


def test_an_end_with_the_period_can_be_taken_back(billing: SubscriptionBilling, start: Start, served: Served) -> None:
    begun = start(card=CARD, trial_days=0)
    ref = begun.subscription_ref
    assert billing.set_ending(key="end", subscription_ref=ref, ends=True).cancels_at_period_end
    assert not billing.set_ending(key="stay", subscription_ref=ref, ends=False).cancels_at_period_end
    billing.set_ending(key="end-again", subscription_ref=ref, ends=True)
    served.state.advance(32 * DAY)
    ended = billing.fetch_subscription(subscription_ref=ref)
    assert (ended.status, told(served)[-1]) == ("canceled", "customer.subscription.deleted")
    assert paid(served) == [CENTS]


def test_a_first_payment_that_fails_is_waited_for_a_day(
    billing: SubscriptionBilling, start: Start, served: Served
) -> None:
    begun = start(card=FAILS_LATER, trial_days=0)
    assert begun.status == "incomplete"
    served.state.advance(DAY)
    assert billing.fetch_subscription(subscription_ref=begun.subscription_ref).status == "incomplete_expired"


def test_a_trial_that_is_ended_now_is_charged_now(billing: SubscriptionBilling, start: Start, served: Served) -> None:
    begun = start(card=CARD)
    ended = billing.end_trial(key="now", subscription_ref=begun.subscription_ref)
    assert (ended.status, paid(served)) == ("active", [CENTS])
    assert billing.cancel_now(subscription_ref=begun.subscription_ref).status == "canceled"


def test_a_subscription_is_found_by_what_it_was_started_with(billing: SubscriptionBilling, start: Start) -> None:
    begun = start()
    arguments = {"customer_ref": begun.customer_ref, "metadata_key": "change_id"}
    assert billing.find_subscription(**arguments, metadata_value="s") == begun
    assert billing.find_subscription(**arguments, metadata_value="other") is None
    assert start() == begun


def test_every_operation_of_billing_has_a_known_shape(
    billing: SubscriptionBilling, business: str, start: Start, served: Served
) -> None:
    begun = start(card=CARD)
    ref = begun.subscription_ref
    billing.find_subscription(customer_ref=business, metadata_key="a", metadata_value="b")
    billing.fetch_subscription(subscription_ref=ref)
    billing.end_trial(key="end", subscription_ref=ref)
    billing.pause(key="pause", subscription_ref=ref)
    billing.resume(key="resume", subscription_ref=ref)
    invoice = billing.list_invoices(customer_ref=business, limit=1)[0].invoice_ref
    billing.fetch_invoice(invoice_ref=invoice)
    with pytest.raises(RefusedError):
        billing.pay_invoice(key="pay", invoice_ref=invoice)
    setup = served.state.objects("setup_intents")[0]["id"]
    assert billing.fetch_setup(setup_ref=setup)[0].status == "succeeded"
    billing.cancel_now(subscription_ref=ref)

    assert set(BILLING_PARAMETERS) <= {operation(exchange) for exchange in served.recorder.exchanges}

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Subscriptions of one item: trial, renewal, quantity, pause and resume, the end."""

from tithi.integrations.stripe.sandbox import collection, customers, invoices, payment_methods, prices
from tithi.integrations.stripe.sandbox import subscription_states as states
from tithi.integrations.stripe.sandbox.call import Body, Call
from tithi.integrations.stripe.sandbox.lists import PAGING, page
from tithi.integrations.stripe.sandbox.params import Params
from tithi.integrations.stripe.sandbox.problems import InvalidError, SettledError
from tithi.integrations.stripe.sandbox.subscription_shapes import item_of, month_after, new_line, new_subscription

KIND = states.KIND
_BILLED = ("active", "past_due", "unpaid")
_PRORATIONS = ("create_prorations", "none", "always_invoice")


def create(call: Call) -> Body:
    params = call.params
    params.allow("customer", "items", "metadata", "off_session", "payment_behavior", "trial_end", "trial_settings",
                 "expand")  # fmt: skip
    params.choice("payment_behavior", ("allow_incomplete", "error_if_incomplete", "default_incomplete"), "")
    params.inner("trial_settings").allow("end_behavior")
    customers.find(call, params.required("customer"), "customer")
    item = _given_item(params)
    item.allow("price", "quantity")
    price = prices.find(call, item.required("price"), "items[0][price]")
    trial_end = params.integer("trial_end")
    if trial_end is not None and trial_end <= call.now:
        message = "Invalid timestamp: must be an integer Unix timestamp in the future."
        raise InvalidError(message, code="parameter_invalid_integer", param="trial_end")
    quantity = item.integer("quantity")
    subscription = new_subscription(
        call, price=price, quantity=1 if quantity is None else quantity, trial_end=trial_end
    )
    states.put(call, subscription)
    call.emit("customer.subscription.created", subscription)
    collection.bill(call, subscription, reason="subscription_create", is_free=trial_end is not None)
    return call.answer(states.find(call, subscription["id"]))


def retrieve(call: Call, subscription: str) -> Body:
    call.params.allow("expand")
    return call.answer(states.find(call, subscription))


def list_all(call: Call) -> Body:
    call.params.allow(*PAGING, "customer", "status")
    status = call.params.text("status")
    found = (
        body
        for body in call.store.every(KIND, call.account, owner=call.params.text("customer"))
        if status in ("all", body["status"]) or (status is None and body["status"] != "canceled")
    )
    return page(call, found, url="/v1/subscriptions", called="subscription")


def update(call: Call, subscription: str) -> Body:
    params = call.params
    params.allow("items", "proration_behavior", "cancel_at_period_end", "trial_end", "default_payment_method",
                 "metadata", "off_session", "payment_behavior", "expand")  # fmt: skip
    body = states.find(call, subscription)
    if body["status"] in states.ENDED:
        message = "A canceled subscription can only update its cancellation_details and metadata."
        raise InvalidError(message, code="resource_missing")
    fields: Body = {"metadata": params.metadata(body["metadata"])}
    if "cancel_at_period_end" in params:
        is_ending = params.boolean("cancel_at_period_end")
        fields |= {"cancel_at_period_end": is_ending, "canceled_at": call.now if is_ending else None}
        fields["cancel_at"] = item_of(body)["current_period_end"] if is_ending else None
    if "default_payment_method" in params:
        method = payment_methods.find(call, params.required("default_payment_method"))
        fields["default_payment_method"] = method["id"]
    if "items" in params:
        _set_quantity(call, body)
    states.change(call, body, **fields)
    if params.text("trial_end") == "now" and body["status"] == "trialing":
        _end_trial(call, body, is_early=True)
    return call.answer(states.find(call, subscription))


def cancel(call: Call, subscription: str) -> Body:
    call.params.allow("invoice_now", "prorate", "expand")
    body = states.find(call, subscription)
    if body["status"] in states.ENDED:
        message = f"No such subscription: '{subscription}'"
        raise InvalidError(message, status=404, code="resource_missing", param="id")
    states.end(call, body, reason="cancellation_requested")
    return call.answer(body)


def pause(call: Call, subscription: str) -> Body:
    """Stop at once; the unused part of the month is kept in the customer's favour."""
    call.params.allow("bill_for", "invoicing_behavior", "type", "expand")
    bill_for = call.params.inner("bill_for")
    bill_for.allow("unused_time_from", "outstanding_usage_through")
    unused = bill_for.inner("unused_time_from").choice("type", ("now", "none", "item_current_period_start"), "now")
    body = states.find(call, subscription)
    if body["status"] not in ("active", "trialing", "past_due"):
        message = f"This subscription cannot be paused because it has a status of {body['status']}."
        raise SettledError(message, code="subscription_unexpected_state")
    if body["status"] == "active" and unused == "now":
        _keep_share(call, body, quantity=item_of(body)["quantity"], sign=-1)
    states.pause(call, body, reason="pause_requested")
    return call.answer(body)


def resume(call: Call, subscription: str) -> Body:
    """Begin a new month; it is active when that is paid, or when trying is enough."""
    call.params.allow("billing_cycle_anchor", "payment_behavior", "proration_behavior", "expand")
    anchor = call.params.inner("billing_cycle_anchor").choice("type", ("now", "unchanged"), "now")
    behaviors = ("resume_on_payment_attempt", "resume_on_payment_success")
    behavior = call.params.choice("payment_behavior", behaviors, behaviors[0])
    body = states.find(call, subscription)
    if body["status"] != "paused" or anchor != "now":
        message = f"This subscription cannot be resumed because it has a status of {body['status']}."
        raise SettledError(message, code="subscription_unexpected_state")
    body["billing_cycle_anchor"] = call.now
    _begin_period(body, call.now, month_after(call.now, call.now))
    if behavior == behaviors[0]:
        states.change(call, body, "customer.subscription.resumed", status="active", status_details=None)
    reason = collection.bill(call, body, reason="subscription_update")
    body = states.find(call, subscription)
    if reason is not None and body["status"] == "paused":
        invoices.void(call, invoices.find(call, body["latest_invoice"]))
    return call.answer(states.find(call, subscription))


def fall_due(call: Call, name: str) -> None:
    """The clock reached the end of a trial, a month or the patience with a first payment."""
    body = states.find(call, name)
    match body["status"]:
        case "incomplete":
            invoices.void(call, invoices.find(call, body["latest_invoice"]))
            states.change(call, body, status="incomplete_expired")
        case "trialing" if not body["_is_end_told"]:
            states.put(call, body | {"_is_end_told": True})
            call.emit("customer.subscription.trial_will_end", body)
        case "trialing":
            _end_trial(call, body, is_early=False)
        case _:
            _renew(call, body)


def _end_trial(call: Call, body: Body, *, is_early: bool) -> None:
    if body["cancel_at_period_end"]:
        states.end(call, body, reason="cancellation_requested")
        return
    missing = body["trial_settings"]["end_behavior"]["missing_payment_method"]
    if invoices.default_method(call, body) is None and missing != "create_invoice":
        if missing == "cancel":
            states.end(call, body, reason="payment_failed")
        else:
            states.pause(call, body, reason="trial_end_without_payment_method")
        return
    body |= {"trial_end": call.now, "billing_cycle_anchor": call.now}
    _begin_period(body, call.now, month_after(call.now, call.now))
    states.change(call, body, status="active")
    if is_early:
        collection.bill(call, body, reason="subscription_update")
    else:
        invoices.draft(call, body, reason="subscription_cycle")
        states.put(call, body)


def _renew(call: Call, body: Body) -> None:
    if body["cancel_at_period_end"]:
        states.end(call, body, reason="cancellation_requested")
        return
    start = item_of(body)["current_period_end"]
    _begin_period(body, start, month_after(body["billing_cycle_anchor"], start))
    states.change(call, body)
    invoices.draft(call, body, reason="subscription_cycle")
    states.put(call, body)


def _begin_period(body: Body, start: int, end: int) -> None:
    item_of(body).update({"current_period_start": start, "current_period_end": end})


def _set_quantity(call: Call, body: Body) -> None:
    behavior = call.params.choice("proration_behavior", _PRORATIONS, _PRORATIONS[0])
    given, item = _given_item(call.params), item_of(body)
    given.allow("id", "quantity")
    if given.required("id") != item["id"]:
        message = f"No such subscription item: '{given.required('id')}'"
        raise InvalidError(message, code="resource_missing", param="items[0][id]")
    quantity, before = given.required_integer("quantity"), item["quantity"]
    if quantity != before and body["status"] in _BILLED and behavior != "none":
        _keep_share(call, body, quantity=before, sign=-1)
        _keep_share(call, body, quantity=quantity, sign=1)
    item["quantity"] = quantity


def _keep_share(call: Call, body: Body, *, quantity: int, sign: int) -> None:
    """Put the rest of the month, for so many, on the next invoice."""
    item = item_of(body)
    start, end = item["current_period_start"], item["current_period_end"]
    left = max(0, end - call.now) / (end - start)
    amount = sign * round(quantity * item["price"]["unit_amount"] * left)
    words = "Unused time" if sign < 0 else "Remaining time"
    line = new_line(body, amount=amount, quantity=quantity, period=(call.now, end), description=words)
    invoices.keep_pending(call, body, line)


def _given_item(params: Params) -> Params:
    given = params.values.get("items")
    if not isinstance(given, list) or len(given) != 1 or not isinstance(given[0], dict):
        message = "The sandbox keeps subscriptions of one item."
        raise InvalidError(message, param="items")
    return Params(given[0], path="items[0]")

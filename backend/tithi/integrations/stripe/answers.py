# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The vendor's objects, as plain mappings, put into our own words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tithi.integrations.stripe.contract import (
    AccountLink,
    AccountState,
    BalanceEntry,
    CapabilityStatus,
    CardDetails,
    CardSetup,
    ChargeState,
    ChargeStatus,
    Decline,
    KeptCard,
    ProviderEvent,
    RefundState,
    RefundStatus,
    SetupStatus,
)

AUTHENTICATION_REQUIRED = "authentication_required"
DUE = frozenset({"currently_due", "past_due"})

_SETUP_STATUS: dict[str, SetupStatus] = {
    "requires_payment_method": "needs_method",
    "requires_confirmation": "needs_customer",
    "requires_action": "needs_customer",
    "processing": "processing",
    "succeeded": "succeeded",
    "canceled": "canceled",
}
_CHARGE_STATUS: dict[str, ChargeStatus] = {
    "requires_payment_method": "needs_method",
    "requires_confirmation": "needs_customer",
    "requires_action": "needs_customer",
    "processing": "processing",
    "requires_capture": "authorized",
    "succeeded": "succeeded",
    "canceled": "canceled",
}
_REFUND_STATUS: dict[str, RefundStatus] = {
    "pending": "pending",
    "requires_action": "needs_action",
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "canceled",
}
_CAPABILITY: dict[str, CapabilityStatus] = {
    "active": "active",
    "pending": "pending",
    "restricted": "restricted",
    "rejected": "restricted",
    "unsupported": "inactive",
}


def decline(error: Mapping[str, Any] | None) -> Decline | None:
    """Read an error body, a `last_payment_error` or a `last_setup_error`."""
    if not error:
        return None
    return Decline(
        code=error.get("code") or error.get("type") or "card_declined",
        decline_code=error.get("decline_code"),
        message=error.get("message") or "",
        advice_code=error.get("advice_code"),
    )


def card_setup(setup: Mapping[str, Any]) -> CardSetup:
    """Read a SetupIntent, its payment method expanded or not."""
    method = setup.get("payment_method")
    return CardSetup(
        setup_id=setup["id"],
        status=_SETUP_STATUS[setup["status"]],
        client_secret=setup.get("client_secret") or "",
        customer_ref=reference(setup.get("customer")) or "",
        payment_method_ref=reference(method),
        card=card_details(method),
        decline=decline(setup.get("last_setup_error")),
        live=setup["livemode"],
    )


def kept_card(method: Mapping[str, Any]) -> KeptCard:
    """Read a PaymentMethod."""
    return KeptCard(method_ref=method["id"], customer_ref=reference(method.get("customer")), card=card_details(method))


def charge_state(intent: Mapping[str, Any]) -> ChargeState:
    """Read a PaymentIntent; refunds and the capture deadline are known when its latest charge is expanded."""
    charge = intent.get("latest_charge")
    details = charge if isinstance(charge, Mapping) else {}
    reason = decline(intent.get("last_payment_error"))
    status = _CHARGE_STATUS[intent["status"]]
    if (
        status == "needs_method"
        and reason is not None
        and AUTHENTICATION_REQUIRED in (reason.code, reason.decline_code)
    ):
        status = "needs_customer"
    fee = details.get("application_fee_amount")
    return ChargeState(
        intent_ref=intent["id"],
        status=status,
        amount_cents=intent["amount"],
        captured_cents=intent["amount_received"],
        capturable_cents=intent["amount_capturable"],
        application_fee_cents=intent.get("application_fee_amount") if fee is None else fee,
        charge_ref=reference(charge),
        payment_method_ref=reference(intent.get("payment_method")),
        card=card_details(intent.get("payment_method")),
        client_secret=intent.get("client_secret") or "",
        capture_before=_capture_before(details) if status == "authorized" else None,
        decline=reason,
        refunded_cents=_refunded(details),
        balance=balance_entry(details.get("balance_transaction")),
        currency=intent["currency"].upper(),
        created_at=instant(intent["created"]),
        metadata=dict(intent["metadata"]),
        live=intent["livemode"],
    )


def refund_state(refund: Mapping[str, Any]) -> RefundState:
    return RefundState(
        refund_ref=refund["id"],
        status=_REFUND_STATUS[refund.get("status") or "pending"],
        amount_cents=refund["amount"],
        failure_reason=refund.get("failure_reason"),
        intent_ref=reference(refund.get("payment_intent")),
        balance=balance_entry(refund.get("balance_transaction")),
        failure_balance=balance_entry(refund.get("failure_balance_transaction")),
        created_at=instant(refund["created"]),
        metadata=dict(refund.get("metadata") or {}),
    )


def balance_entry(entry: str | Mapping[str, Any] | None) -> BalanceEntry | None:
    """Read a balance transaction; one that is not expanded is not known."""
    if not isinstance(entry, Mapping):
        return None
    application_fee = sum(part["amount"] for part in entry["fee_details"] if part["type"] == "application_fee")
    return BalanceEntry(
        entry_ref=entry["id"],
        kind=entry["type"],
        source_ref=reference(entry.get("source")),
        amount_cents=entry["amount"],
        processor_fee_cents=entry["fee"] - application_fee,
        application_fee_cents=application_fee,
        net_cents=entry["net"],
        currency=entry["currency"].upper(),
        occurred_at=instant(entry["created"]),
    )


def instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def account_state(account: Mapping[str, Any]) -> AccountState:
    """Read an account that includes its merchant configuration, identity, defaults and requirements."""
    merchant = _at(account, "configuration", "merchant", "capabilities")
    entries = _at(account, "requirements").get("entries") or []
    wanted = [entry for entry in entries if entry["awaiting_action_from"] == "user"]
    deadline = _at(account, "requirements", "summary", "minimum_deadline").get("time")
    return AccountState(
        account_ref=account["id"],
        card_payments=_capability(_at(merchant, "card_payments")),
        payouts=_capability(_at(merchant, "stripe_balance", "payouts")),
        details_submitted=not wanted,
        requirements_due=sum(_at(entry, "minimum_deadline").get("status") in DUE for entry in wanted),
        requirements_due_by=datetime.fromisoformat(deadline) if deadline else None,
        currency=_at(account, "defaults").get("currency"),
        country=(_at(account, "identity").get("country") or "").upper(),
        live=account["livemode"],
    )


def account_link(link: Mapping[str, Any]) -> AccountLink:
    return AccountLink(url=link["url"], expires_at=datetime.fromisoformat(link["expires_at"]))


def provider_event(event: Mapping[str, Any]) -> ProviderEvent:
    """Read a snapshot event.

    Raises:
        KeyError: the payload is not one.
        TypeError: the payload is not one.
        ValueError: the payload is not one.
    """
    subject = event["data"]["object"]
    return ProviderEvent(
        event_id=event["id"],
        type=event["type"],
        account_ref=event.get("account"),
        object_type=subject["object"],
        object_ref=subject.get("id") or "",
        live=event["livemode"],
        created_at=instant(event["created"]),
    )


def _at(body: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    for name in path:
        body = body.get(name) or {}
    return body


def reference(value: str | Mapping[str, Any] | None) -> str | None:
    return value["id"] if isinstance(value, Mapping) else value


def card_details(method: str | Mapping[str, Any] | None) -> CardDetails | None:
    card = method.get("card") if isinstance(method, Mapping) else None
    if card is None:
        return None
    return CardDetails(
        brand=card["brand"],
        last4=card["last4"],
        exp_month=card["exp_month"],
        exp_year=card["exp_year"],
        fingerprint=card.get("fingerprint"),
    )


def _capability(capability: Mapping[str, Any]) -> CapabilityStatus:
    return _CAPABILITY.get(capability.get("status") or "", "inactive")


def _capture_before(charge: Mapping[str, Any]) -> datetime | None:
    seconds = _at(charge, "payment_method_details", "card").get("capture_before")
    return None if seconds is None else instant(seconds)


def _asks_for_the_customer(reason: Decline | None) -> bool:
    return reason is not None and AUTHENTICATION_REQUIRED in (reason.code, reason.decline_code)


def _refunded(charge: Mapping[str, Any]) -> int:
    """What went back of the money taken; the vendor also counts the released part of a hold as refunded."""
    if not charge:
        return 0
    released: int = charge["amount"] - charge["amount_captured"]
    refunded: int = charge["amount_refunded"]
    return max(0, refunded - released)

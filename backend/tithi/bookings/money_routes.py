# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Routes of money that an outcome asked for and that was not paid."""

from typing import Any
from uuid import UUID

from tithi.bookings import errors, queries, service
from tithi.bookings.money_schemas import BalanceIn, DepositIn, TipIn
from tithi.bookings.schemas import BookingList, BookingOut, OutcomeIn, ReasonIn
from tithi.payments import errors as payments
from tithi.payments.schemas import PaymentOut
from tithi.platform.http import Room
from tithi.platform.schemas import PageQuery

blueprint = Room("booking_money", description="What is owed for visits: tried again, asked for, waived, written off.")

OWED = (errors.BookingNotFoundError, payments.PaymentNotFoundError, payments.PaymentNotOwedError)
ASKED = (*OWED, payments.PaymentInProgressError, payments.ProcessorFailedError)
TOPPED_UP = (
    errors.BookingNotFoundError,
    errors.BookingStateConflictError,
    payments.PaymentNotFoundError,
    payments.PaymentNotOwedError,
    payments.PaymentSettledError,
    payments.PaymentInProgressError,
    payments.CardNotFoundError,
    payments.CardUsedUpError,
    payments.AmountTooSmallError,
)


@blueprint.get("/bookings/without-card", access="viewer", query=PageQuery, returns=BookingList, ready=True)
def list_without_card(query: dict[str, Any]) -> dict[str, Any]:
    """List the visits ahead that lost their card: on a withdrawn account, forgotten, or too old by then."""
    return queries.list_lacking_card(limit=query["limit"], cursor=query.get("cursor"))


@blueprint.post(
    "/bookings/<uuid:booking_id>/charge",
    access="staff",
    body=OutcomeIn,
    returns=PaymentOut,
    idempotent="required",
    phased=True,
    limit="payments",
    errors=(*ASKED, payments.CardUsedUpError),
    entitlement="always",
)
def charge_owed(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - it holds the key alone
    """Try the card once more for what the visit owes: the customer's newest one, never one declined for good."""
    return service.charge_owed(booking_id=booking_id)


@blueprint.post(
    "/bookings/<uuid:booking_id>/request-payment",
    access="staff",
    body=OutcomeIn,
    returns=PaymentOut,
    idempotent="required",
    phased=True,
    limit="payments",
    errors=ASKED,
    entitlement="always",
)
def request_payment(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - it holds the key alone
    """Send the customer a link to pay what the visit owes, and remind them until it is paid."""
    return service.request_payment(booking_id=booking_id)


@blueprint.post(
    "/admin/bookings/<uuid:booking_id>/undo",
    access="staff",
    body=OutcomeIn,
    returns=BookingOut,
    idempotent="required",
    phased=True,
    ready=True,
    limit="payments",
    errors=(
        errors.BookingNotFoundError,
        errors.BookingStateConflictError,
        errors.UndoTooLateError,
        payments.PaymentNotFoundError,
        payments.PaymentSettledError,
        payments.PaymentInProgressError,
        payments.ProcessorFailedError,
    ),
    entitlement="always",
)
def undo_outcome(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - it holds the key alone
    """Take back, within a day and before money has moved, that a visit was completed or missed."""
    return service.undo_outcome(booking_id=booking_id)


@blueprint.post(
    "/bookings/<uuid:booking_id>/request-deposit",
    access="staff",
    body=DepositIn,
    returns=BookingOut,
    idempotent="required",
    ready=True,
    limit="payments",
    errors=(
        errors.BookingNotFoundError,
        errors.BookingStateConflictError,
        errors.ChargeTooLargeError,
        payments.AmountTooSmallError,
        payments.PaymentSettledError,
        payments.PayoutAccountMissingError,
    ),
    entitlement="always",
)
def request_deposit(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Send the customer of a visit ahead a link to pay a deposit: so much, else the policy's or the no-show fee."""
    return service.request_deposit(booking_id=booking_id, amount_cents=body.get("amount_cents"))


@blueprint.post(
    "/bookings/<uuid:booking_id>/tip",
    access="staff",
    body=TipIn,
    returns=PaymentOut,
    idempotent="required",
    phased=True,
    limit="payments",
    errors=TOPPED_UP,
    entitlement="always",
)
def charge_tip(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Charge a tip after the visit was paid. A tip that is known before goes with the visit's completion."""
    return service.charge_tip(booking_id=booking_id, tip_cents=body["tip_cents"])


@blueprint.post(
    "/bookings/<uuid:booking_id>/balance",
    access="staff",
    body=BalanceIn,
    returns=PaymentOut,
    idempotent="required",
    phased=True,
    limit="payments",
    errors=(*TOPPED_UP, errors.ChargeTooLargeError),
    entitlement="always",
)
def charge_balance(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Charge the rest of a price that was charged in part when the visit was completed."""
    return service.charge_balance(booking_id=booking_id, amount_cents=body.get("amount_cents"), note=body.get("note"))


@blueprint.post(
    "/bookings/<uuid:booking_id>/waive",
    access="staff",
    body=ReasonIn,
    returns=PaymentOut,
    idempotent="required",
    phased=True,
    limit="payments",
    errors=ASKED,
    entitlement="always",
)
def waive(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Ask for nothing: a fee that was proposed, or what the card did not give."""
    return service.waive(booking_id=booking_id, reason=body["reason"])


@blueprint.post(
    "/bookings/<uuid:booking_id>/write-off",
    access="admin",
    body=ReasonIn,
    returns=PaymentOut,
    idempotent="required",
    phased=True,
    limit="payments",
    errors=ASKED,
    entitlement="always",
)
def write_off(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Give up what the customer still owes, and keep why."""
    return service.write_off(booking_id=booking_id, reason=body["reason"])

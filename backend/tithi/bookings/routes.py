# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Routes of members of the business; the customers' own are in `public_routes`."""

from typing import Any
from uuid import UUID

from tithi.availability.errors import AddOnNotOfferedError, HoldExpiredError, HoldNotFoundError, SlotUnavailableError
from tithi.bookings import errors, queries, service
from tithi.bookings.money_schemas import BookingRefIn, BookingRefundIn, CashIn, CheckoutIn, RefundIn
from tithi.bookings.schemas import (
    BookingList,
    BookingOut,
    BookingQuery,
    CancelIn,
    CompleteIn,
    CustomersBookingOut,
    HeldUntilOut,
    HoldChange,
    HoldIn,
    HoldOut,
    OutcomeIn,
    StaffBookingIn,
)
from tithi.bookings.service import wanted_of
from tithi.catalog.errors import ServiceNotFoundError
from tithi.customers.errors import CustomerNotFoundError
from tithi.payments import errors as payments
from tithi.payments.schemas import PaymentOut, RefundOut
from tithi.platform.http import Room
from tithi.promotions.errors import CODE_REFUSALS
from tithi.team.errors import TeamMemberNotFoundError

blueprint = Room("bookings", description="Visits: booked, confirmed, completed, missed, canceled, paid.")

NOT_FREE = (
    ServiceNotFoundError,
    TeamMemberNotFoundError,
    AddOnNotOfferedError,
    SlotUnavailableError,
    HoldExpiredError,
    errors.NotBookableError,
)
RULES = (errors.StaffCapReachedError, errors.CustomerCapReachedError, errors.PrerequisiteMissingError)
OUTCOME = (errors.BookingNotFoundError, errors.BookingStateConflictError, payments.PaymentInProgressError)


@blueprint.get("/bookings", access="viewer", query=BookingQuery, returns=BookingList, ready=True)
def list_bookings(query: dict[str, Any]) -> dict[str, Any]:
    """List bookings by their start."""
    return queries.list_bookings(
        limit=query.pop("limit"), cursor=query.pop("cursor", None), sort=query.pop("sort"), filters=query
    )


@blueprint.post(
    "/bookings",
    access="staff",
    body=StaffBookingIn,
    returns=CustomersBookingOut,
    status=201,
    idempotent="required",
    limit="bookings",
    phased=True,
    ready=True,
    errors=(*NOT_FREE, *RULES, *CODE_REFUSALS, CustomerNotFoundError),
    entitlement="new_bookings",
)
def create_booking(body: dict[str, Any]) -> dict[str, Any]:
    """Book a visit for a customer; staff may book inside the notice, and need no card."""
    return service.book(wanted_of(body, source="staff"))


@blueprint.get(
    "/bookings/<uuid:booking_id>",
    access="viewer",
    returns=BookingOut,
    ready=True,
    etag=True,
    errors=(errors.BookingNotFoundError,),
)
def get_booking(booking_id: UUID) -> dict[str, Any]:
    """Show a booking with its customer and payment."""
    return queries.show_booking(booking_id)


@blueprint.post(
    "/bookings/<uuid:booking_id>/confirm",
    access="staff",
    body=OutcomeIn,
    returns=BookingOut,
    idempotent="optional",
    phased=True,
    ready=True,
    limit="bookings",
    errors=(errors.BookingNotFoundError, errors.BookingStateConflictError, HoldExpiredError),
    entitlement="changes",
)
def confirm_booking(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - it holds the key alone
    """Confirm a booking without waiting for its card."""
    return service.confirm_by_staff(booking_id=booking_id)


@blueprint.post(
    "/bookings/<uuid:booking_id>/check-in",
    access="staff",
    body=OutcomeIn,
    returns=BookingOut,
    idempotent="optional",
    ready=True,
    errors=(errors.BookingNotFoundError, errors.BookingStateConflictError),
    entitlement="changes",
)
def check_in_booking(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - it holds the key alone
    """Mark that the customer is here."""
    return service.check_in(booking_id=booking_id)


@blueprint.post(
    "/bookings/<uuid:booking_id>/complete",
    access="staff",
    body=CompleteIn,
    returns=BookingOut,
    idempotent="required",
    phased=True,
    ready=True,
    limit="payments",
    errors=(*OUTCOME, errors.ChargeTooLargeError),
    entitlement="always",
)
def complete_booking(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """The visit took place: charge its price to the card on file. The answer tells where the payment stands."""
    return service.complete(
        booking_id=booking_id,
        tip_cents=body["tip_cents"],
        charge_cents=body.get("charge_cents"),
        note=body.get("note"),
    )


@blueprint.post(
    "/bookings/<uuid:booking_id>/no-show",
    access="staff",
    body=OutcomeIn,
    returns=BookingOut,
    idempotent="required",
    phased=True,
    ready=True,
    limit="payments",
    errors=OUTCOME,
    entitlement="always",
)
def mark_no_show(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - it holds the key alone
    """The customer did not come: charge the fee that the booking's policy names."""
    return service.mark_no_show(booking_id=booking_id)


@blueprint.post(
    "/bookings/<uuid:booking_id>/cancel",
    access="staff",
    body=CancelIn,
    returns=BookingOut,
    idempotent="required",
    phased=True,
    ready=True,
    limit="payments",
    errors=OUTCOME,
    entitlement="always",
)
def cancel_booking(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Cancel: inside the window and on the customer's wish, the late fee of the booking's policy is charged."""
    return service.cancel(booking_id=booking_id, canceled_by=body["canceled_by"], reason=body.get("reason"))


@blueprint.post(
    "/admin/bookings/<uuid:booking_id>/refund",
    access="admin",
    body=RefundIn,
    returns=RefundOut,
    status=201,
    idempotent="required",
    phased=True,
    limit="payments",
    errors=(errors.BookingNotFoundError, payments.NothingToRefundError, payments.RefundTooLargeError),
    entitlement="always",
)
def refund_booking(booking_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Give back all, a part, or the fee."""
    return service.refund(
        booking_id=booking_id,
        refund_type=body["refund_type"],
        amount_cents=body.get("amount_cents"),
        reason=body.get("reason"),
    )


@blueprint.post(
    "/payments/refund",
    access="admin",
    body=BookingRefundIn,
    returns=RefundOut,
    status=201,
    idempotent="required",
    phased=True,
    limit="payments",
    errors=(errors.BookingNotFoundError, payments.NothingToRefundError, payments.RefundTooLargeError),
    entitlement="always",
)
def refund_payment(body: dict[str, Any]) -> dict[str, Any]:
    """Give back all, a part, or the fee of a booking."""
    return service.refund(
        booking_id=body["booking_id"],
        refund_type=body["refund_type"],
        amount_cents=body.get("amount_cents"),
        reason=body.get("reason"),
    )


@blueprint.post(
    "/payments/checkout",
    access="staff",
    body=CheckoutIn,
    returns=CustomersBookingOut,
    status=201,
    idempotent="required",
    phased=True,
    ready=True,
    limit="payments",
    errors=(
        errors.BookingNotFoundError,
        errors.BookingStateConflictError,
        payments.PayoutAccountMissingError,
        payments.ProcessorFailedError,
    ),
    entitlement="always",
)
def checkout(body: dict[str, Any]) -> dict[str, Any]:
    """Ask for the card of a booking: with a payment method at once, else with a secret for the card form."""
    return service.request_card(
        booking_id=body["booking_id"],
        payment_method_ref=body.get("payment_method", {}).get("stripe_payment_method_id"),
    )


@blueprint.post(
    "/payments/confirm",
    access="staff",
    body=BookingRefIn,
    returns=PaymentOut,
    idempotent="optional",
    phased=True,
    limit="payments",
    errors=(errors.BookingNotFoundError, payments.PaymentNotFoundError),
    entitlement="always",
)
def confirm_payment(body: dict[str, Any]) -> dict[str, Any]:
    """Ask Stripe where a booking's payment stands, and finish what the customer has enabled."""
    return service.refresh_payment(booking_id=body["booking_id"])


@blueprint.post(
    "/payments/cash",
    access="staff",
    body=CashIn,
    returns=PaymentOut,
    status=201,
    idempotent="required",
    phased=True,
    limit="payments",
    errors=(
        errors.BookingNotFoundError,
        errors.BookingStateConflictError,
        payments.PaymentSettledError,
        payments.PaymentInProgressError,
        payments.ProcessorFailedError,
    ),
    entitlement="always",
)
def record_cash(body: dict[str, Any]) -> dict[str, Any]:
    """Record that the customer paid at the desk."""
    return service.record_cash(
        booking_id=body["booking_id"],
        method=body["method"],
        amount_cents=body.get("amount_cents"),
        note=body.get("note"),
    )


@blueprint.post(
    "/payments/no-show-fee",
    access="staff",
    body=BookingRefIn,
    returns=PaymentOut,
    idempotent="required",
    phased=True,
    limit="payments",
    errors=(
        errors.BookingNotFoundError,
        errors.BookingStateConflictError,
        payments.PaymentSettledError,
        payments.PaymentInProgressError,
        payments.PaymentNotFoundError,
        payments.CardUsedUpError,
    ),
    entitlement="always",
)
def charge_fee(body: dict[str, Any]) -> dict[str, Any]:
    """Charge what a missed or late-canceled booking still owes; the booking's policy sets the amount."""
    return service.charge_fee(booking_id=body["booking_id"])


@blueprint.get(
    "/customers/<uuid:customer_id>/bookings",
    access="staff",
    query=BookingQuery,
    returns=BookingList,
    ready=True,
    errors=(CustomerNotFoundError,),
)
def list_customers_bookings(customer_id: UUID, query: dict[str, Any]) -> dict[str, Any]:
    """List a customer's bookings."""
    return queries.list_of_customer(
        customer_id, limit=query.pop("limit"), cursor=query.pop("cursor", None), sort=query.pop("sort"), filters=query
    )


@blueprint.post(
    "/holds",
    access="staff",
    body=HoldIn,
    returns=HoldOut,
    status=201,
    idempotent="required",
    ready=True,
    limit="bookings",
    errors=NOT_FREE,
    entitlement="new_bookings",
)
def hold_time(body: dict[str, Any]) -> dict[str, Any]:
    """Hold a time for 15 minutes."""
    return service.hold(wanted_of(body, source="staff"))


@blueprint.delete(
    "/holds/<uuid:hold_id>", access="staff", status=204, errors=(HoldNotFoundError,), entitlement="always"
)
def release_hold(hold_id: UUID) -> None:
    """Give a held time back."""
    service.release_hold(hold_id=hold_id)


@blueprint.post(
    "/holds/<uuid:hold_id>/extend",
    access="staff",
    body=HoldChange,
    returns=HeldUntilOut,
    idempotent="required",
    limit="bookings",
    errors=(HoldNotFoundError, HoldExpiredError),
    entitlement="new_bookings",
)
def extend_hold(hold_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Hold on to a time for longer, while the hold lasts."""
    return service.extend_hold(hold_id=hold_id, minutes=body["minutes"])

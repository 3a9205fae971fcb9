# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The test cards Stripe documents: numbers, ready-made names, and what each card answers."""

from dataclasses import dataclass
from typing import Any, Literal

Body = dict[str, Any]
Authentication = Literal["never", "unless_set_up", "always", "on_session"]
RefundCourse = Literal["at_once", "later", "fails"]

AUTHENTICATION_REQUIRED = "authentication_required"
_ISSUER_MESSAGES = {
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    AUTHENTICATION_REQUIRED: "Your card was declined. This transaction requires authentication.",
    "card_velocity_exceeded": "Your card was declined for making repeated attempts too frequently.",
}
_ADVICE = {
    "generic_decline": "try_again_later",
    "insufficient_funds": "try_again_later",
    "processing_error": "try_again_later",
    "card_velocity_exceeded": "try_again_later",
    "incorrect_cvc": "confirm_card_data",
    "expired_card": "confirm_card_data",
    "lost_card": "do_not_try_again",
    "stolen_card": "do_not_try_again",
}
_OWN_CODE = frozenset({"expired_card", "incorrect_cvc", "processing_error", AUTHENTICATION_REQUIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class TestCard:
    """`decline` is the issuer's reason for every charge, `declines_setup` whether it also refuses to be kept.

    `dispute` is the reason for which its holder takes every charge back, by an inquiry where it is one.
    """

    __test__ = False

    number: str
    names: tuple[str, ...] = ()
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    authentication: Authentication = "never"
    decline: str | None = None
    declines_setup: bool = True
    refunds: RefundCourse = "at_once"
    dispute: str | None = None
    is_inquiry: bool = False

    @property
    def last4(self) -> str:
        return self.number[-4:]

    def setup_needs_customer(self) -> bool:
        return self.authentication in ("unless_set_up", "always")

    def setup_decline(self) -> str | None:
        return self.decline if self.declines_setup else None

    def charge_needs_customer(self, *, is_off_session: bool, is_set_up: bool) -> bool:
        if self.authentication == "always":
            return True
        if self.authentication == "unless_set_up":
            return not is_set_up
        return self.authentication == "on_session" and not is_off_session


CARDS = (
    TestCard(number="4242424242424242", names=("pm_card_visa",)),
    TestCard(number="4000056655665556", names=("pm_card_visa_debit",), funding="debit"),
    TestCard(number="5555555555554444", names=("pm_card_mastercard",), brand="mastercard"),
    TestCard(number="5200828282828210", names=("pm_card_mastercard_debit",), brand="mastercard", funding="debit"),
    TestCard(number="378282246310005", names=("pm_card_amex",), brand="amex"),
    TestCard(number="6011111111111117", names=("pm_card_discover",), brand="discover"),
    TestCard(
        number="4000002500003155", names=("pm_card_authenticationRequiredOnSetup",), authentication="unless_set_up"
    ),
    TestCard(number="4000002760003184", names=("pm_card_authenticationRequired",), authentication="always"),
    TestCard(
        number="4000003800000446",
        names=("pm_card_authenticationRequiredSetupForOffSession",),
        authentication="on_session",
    ),
    TestCard(
        number="4000008260003178",
        names=("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",),
        authentication="unless_set_up",
        decline="insufficient_funds",
        declines_setup=False,
    ),
    TestCard(number="4000000000003220", names=("pm_card_threeDSecure2Required",), authentication="always"),
    TestCard(
        number="4000000000000002",
        names=("pm_card_chargeDeclined", "pm_card_visa_chargeDeclined"),
        decline="generic_decline",
    ),
    TestCard(
        number="4000000000009995",
        names=("pm_card_chargeDeclinedInsufficientFunds", "pm_card_visa_chargeDeclinedInsufficientFunds"),
        decline="insufficient_funds",
    ),
    TestCard(
        number="4000000000009987",
        names=("pm_card_chargeDeclinedLostCard", "pm_card_visa_chargeDeclinedLostCard"),
        decline="lost_card",
    ),
    TestCard(
        number="4000000000009979",
        names=("pm_card_chargeDeclinedStolenCard", "pm_card_visa_chargeDeclinedStolenCard"),
        decline="stolen_card",
    ),
    TestCard(
        number="4000000000000069",
        names=("pm_card_chargeDeclinedExpiredCard",),
        decline="expired_card",
    ),
    TestCard(
        number="4000000000000127",
        names=("pm_card_chargeDeclinedIncorrectCvc",),
        decline="incorrect_cvc",
    ),
    TestCard(
        number="4000000000000119",
        names=("pm_card_chargeDeclinedProcessingError",),
        decline="processing_error",
    ),
    TestCard(
        number="4000000000006975",
        names=("pm_card_chargeDeclinedVelocityLimitExceeded",),
        decline="card_velocity_exceeded",
    ),
    TestCard(
        number="4000000000000341",
        names=("pm_card_chargeCustomerFail",),
        decline="generic_decline",
        declines_setup=False,
    ),
    TestCard(number="4000000000007726", names=("pm_card_pendingRefund",), refunds="later"),
    TestCard(number="4000000000005126", names=("pm_card_refundFail",), refunds="fails"),
    TestCard(number="4000000000000259", names=("pm_card_createDispute",), dispute="fraudulent"),
    TestCard(
        number="4000000000002685", names=("pm_card_createDisputeProductNotReceived",), dispute="product_not_received"
    ),
    TestCard(number="4000000000001976", names=("pm_card_createDisputeInquiry",), dispute="fraudulent", is_inquiry=True),
)

BY_NUMBER = {card.number: card for card in CARDS}
BY_NAME = {name: card for card in CARDS for name in card.names}


def is_card_number(number: str) -> bool:
    """Check length and Luhn digit."""
    if not number.isdecimal() or not 13 <= len(number) <= 19:  # noqa: PLR2004 - the lengths card numbers have
        return False
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0  # noqa: PLR2004 - Luhn's nines


def decline_error(reason: str, *, charge: str | None = None, method: Body | None = None) -> Body:
    """The error body of an issuer's no, as an intent keeps it and a 402 shows it."""
    code = reason if reason in _OWN_CODE else "card_declined"
    error: Body = {
        "code": code,
        "decline_code": reason,
        "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
        "message": _ISSUER_MESSAGES.get(reason, "Your card was declined."),
        "type": "card_error",
    }
    if reason in _ADVICE:
        error["advice_code"] = _ADVICE[reason]
    if reason == "incorrect_cvc":
        error["param"] = "cvc"
    if charge is not None:
        error["charge"] = charge
    if method is not None:
        error["payment_method"] = method
    return error

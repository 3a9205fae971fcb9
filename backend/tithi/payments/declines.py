# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Which refusals of a card may be tried again without the customer."""

NEEDS_CUSTOMER = frozenset({"authentication_required", "card_velocity_exceeded_authentication", "offline_pin_required"})
FINAL = frozenset(
    {
        "account_closed", "currency_not_supported", "expired_card", "fraudulent", "incorrect_number", "invalid_account",
        "invalid_number", "lost_card", "merchant_blacklist", "no_action_taken", "pickup_card", "restricted_card",
        "revocation_of_all_authorizations", "revocation_of_authorization", "security_violation", "stolen_card",
        "stop_payment_order", "transaction_not_allowed",
    }
)  # fmt: skip
IN_WORDS = {
    "insufficient_funds": "There is not enough money on the card.",
    "card_velocity_exceeded": "The card has reached its limit.",
    "withdrawal_count_limit_exceeded": "The card has reached its limit.",
    "expired_card": "The card has expired.",
    "lost_card": "The card was declined for good.",
    "stolen_card": "The card was declined for good.",
    "incorrect_cvc": "The security code of the card is wrong.",
    "incorrect_number": "The number of the card is wrong.",
    "currency_not_supported": "The card cannot be charged in this currency.",
    "processing_error": "The bank could not be reached.",
    "issuer_not_available": "The bank could not be reached.",
    "authentication_required": "The bank asks for the customer's approval.",
}
NEVER_AGAIN_ADVICE = frozenset({"do_not_try_again"})


def outcome_of(code: str, decline_code: str | None, advice_code: str | None) -> str:
    """The attempt's state after a refusal: `needs_customer`, `declined_final` or `declined_retryable`."""
    reason = decline_code or code
    if code in NEEDS_CUSTOMER or reason in NEEDS_CUSTOMER:
        return "needs_customer"
    if code in FINAL or reason in FINAL or advice_code in NEVER_AGAIN_ADVICE:
        return "declined_final"
    return "declined_retryable"


def in_words(decline_code: str | None) -> str:
    """Why a card was declined, as it may be told to a customer; a lost or stolen card is not called so."""
    return IN_WORDS.get(decline_code or "", "The bank declined the payment and gave no reason.")

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What an amount may be: the currency's least charge, the most a charge can be, the platform's share."""

from tithi.integrations.stripe.sandbox.call import PLATFORM, Call
from tithi.integrations.stripe.sandbox.problems import InvalidError

MAXIMUM = 99_999_999
DEFAULT_MINIMUM = 50
_MINIMUM = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30,
    "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "pln": 200,
    "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
_CURRENCY_LENGTH = 3


def check_amount(amount: int, currency: str) -> None:
    if len(currency) != _CURRENCY_LENGTH or not currency.isalpha():
        message = f"Invalid currency: {currency}"
        raise InvalidError(message, param="currency")
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise InvalidError(message, code="parameter_invalid_integer", param="amount")
    if amount > MAXIMUM:
        message = "Amount must be no more than $999,999.99"
        raise InvalidError(message, code="amount_too_large", param="amount")
    least = _MINIMUM.get(currency, DEFAULT_MINIMUM)
    if amount < least:
        message = f"Amount must be at least {least} {currency} in the currency's smallest unit."
        raise InvalidError(message, code="amount_too_small", param="amount")


def check_application_fee(call: Call, amount: int) -> int | None:
    fee = call.params.integer("application_fee_amount")
    if fee is None:
        return None
    if call.account == PLATFORM:
        message = "Can only apply an application_fee when the request is made on behalf of another account."
        raise InvalidError(message, param="application_fee_amount")
    if fee < 1:
        message = "The application fee must be at least 1."
        raise InvalidError(message, code="parameter_invalid_integer", param="application_fee_amount")
    if fee > amount:
        message = "The application fee cannot be greater than the total amount of the charge."
        raise InvalidError(message, param="application_fee_amount")
    return fee

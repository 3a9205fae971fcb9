# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Why customers' banks take charges back, in plain words."""

OTHER = "The customer's bank gives no closer reason."
WORDS = {
    "credit_not_processed": "The customer says that a refund was promised and did not come.",
    "customer_initiated": "The customer asked the bank to take the charge back.",
    "duplicate": "The customer says that they were charged twice.",
    "fraudulent": "The customer says that they did not make this payment.",
    "insufficient_funds": "The bank says that there was not enough money.",
    "noncompliant": "The card's network says that its rules were not kept.",
    "product_not_received": "The customer says that the visit did not take place.",
    "product_unacceptable": "The customer says that the visit was not as described.",
    "subscription_canceled": "The customer says that they had canceled.",
    "unrecognized": "The customer does not recognize the payment.",
}


def in_words(reason: str) -> str:
    return WORDS.get(reason, OTHER)

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""How an amount divides among the parties: what flows to one is positive, and every division sums to nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

CUSTOMER = "customer"
BUSINESS = "business"
BANK = "bank"
PLATFORM = "platform"
PROCESSOR = "processor"
TAX = "tax"
GIFT_CARD_LIABILITY = "gift_card_liability"
DEPOSIT_LIABILITY = "deposit_liability"
HELD = frozenset({BUSINESS, TAX, GIFT_CARD_LIABILITY, DEPOSIT_LIABILITY})
"""The accounts whose money lies on the business's balance at the processor, where a fact is settled there."""
AT_PROCESSOR = frozenset(
    {
        "balance_adjusted", "capture", "capture_corrected", "dispute", "dispute_returned", "payout",
        "payout_corrected", "payout_returned", "processor_fee", "processor_fee_corrected", "refund",
        "refund_corrected", "refund_failed",
    }
)  # fmt: skip
"""The kinds of facts that change that balance; refunds do where the payment was made by card."""

Lines = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Returned:
    """The parts of a refund that the platform and the tax authority give back; the business gives the rest.

    `owed_cents` of it was the customer's own: a deposit that no outcome has used.
    """

    fee_cents: int
    tax_cents: int
    owed_cents: int = 0


def share(whole_cents: int, part: int, of: int) -> int:
    """`whole_cents` times `part` over `of`, half up."""
    return (2 * whole_cents * part + of) // (2 * of)


def newly_due(whole_cents: int, *, given_back: int, captured: int, before: int) -> int:
    """What of a fee or a tax goes back once `given_back` of `captured` does, `before` having gone back already.

    The running total is rounded, half up, so that refunds in parts return exactly what one refund would.
    """
    return max(0, share(whole_cents, given_back, captured) - before)


def of_capture(*, amount: int, fee: int, tax: int) -> Lines:
    """The customer pays the amount; the platform has its fee and the tax authority its tax out of it."""
    return {CUSTOMER: -amount, BUSINESS: amount - fee - tax, PLATFORM: fee, TAX: tax}


def of_deposit(*, amount: int, fee: int) -> Lines:
    """The business owes the customer the whole deposit until an outcome uses it, and bears the platform's fee."""
    return {CUSTOMER: -amount, DEPOSIT_LIABILITY: amount, BUSINESS: -fee, PLATFORM: fee}


def of_used_deposit(*, amount: int, tax: int) -> Lines:
    """What was owed to the customer is the business's and, as tax, the authority's."""
    return {DEPOSIT_LIABILITY: -amount, BUSINESS: amount - tax, TAX: tax}


def of_processing(fee: int) -> Lines:
    """What the processor keeps for itself is borne by the business."""
    return {BUSINESS: -fee, PROCESSOR: fee}


def of_gift_card(*, amount: int, tax: int) -> Lines:
    """What was owed to whoever has the card goes to the business and, as tax, on to the authority."""
    return {GIFT_CARD_LIABILITY: -amount, BUSINESS: amount - tax, TAX: tax}


def of_sale(*, paid: int, worth: int) -> Lines:
    """The business owes what the card is worth; what nobody paid of it is its own gift."""
    return {CUSTOMER: -paid, BUSINESS: paid - worth, GIFT_CARD_LIABILITY: worth}


def of_refund(*, amount: int, returned: Returned, processor_fee: int = 0) -> Lines:
    """The platform and the tax authority give their parts back, the business the rest and what the refund costs."""
    given = amount - returned.owed_cents - returned.fee_cents - returned.tax_cents
    return {
        CUSTOMER: amount,
        BUSINESS: -given - processor_fee,
        DEPOSIT_LIABILITY: -returned.owed_cents,
        PLATFORM: -returned.fee_cents,
        PROCESSOR: processor_fee,
        TAX: -returned.tax_cents,
    }


def of_failed_refund(*, amount: int, returned: Returned, processor_fee: int = 0) -> Lines:
    """The money is back with the business, less what the platform takes of it a second time."""
    back = of_refund(amount=amount, returned=returned, processor_fee=-processor_fee)
    return {account: -cents for account, cents in back.items()}


def of_dispute(*, amount: int, fee: int) -> Lines:
    """The bank takes the amount from the business, and the processor its fee; won back with both signs turned."""
    return {CUSTOMER: amount, BUSINESS: -(amount + fee), PROCESSOR: fee}


def of_payout(amount: int) -> Lines:
    """From the business's balance at the processor to its bank."""
    return {BUSINESS: -amount, BANK: amount}


def correction(*, right: Lines, posted: Lines) -> Lines:
    """What has to be added so that each account that `right` names comes to it; the business bears the difference."""
    added = {account: cents - posted.get(account, 0) for account, cents in right.items()}
    return added | {BUSINESS: -sum(added.values())}

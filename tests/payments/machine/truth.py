# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What is right about money, whatever happened: what may be taken for a visit, and what may never be."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

OUTCOME, DEPOSIT = "outcome", "deposit"
ENDED = frozenset({"succeeded", "settled_elsewhere", "waived", "written_off", "canceled"})
LEAST_CENTS = 50
CLOSED = frozenset({"waived", "written_off", "canceled", "settled_elsewhere"})
MAY_FOLLOW = {
    "pending": {"confirmed", "failed", "checked_in", "completed", "no_show", "canceled"},
    "confirmed": {"checked_in", "completed", "no_show", "canceled"},
    "checked_in": {"completed", "no_show", "canceled"},
}
BY_ITSELF = {"pending": {"confirmed", "failed"}}

Charges = frozenset[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at both sides: our bookings and payments, the processor's intents and refunds."""

    bookings: Mapping[str, str]
    payments: Mapping[str, Mapping[str, Any]]
    intents: Sequence[Mapping[str, Any]]
    refunds: Sequence[Mapping[str, Any]]
    uneven_facts: int = 0

    def charges(self, payment_id: str) -> Charges:
        """The intents of a payment, with their state and what was taken by each."""
        return frozenset(
            (one["id"], one["status"], one["amount_received"])
            for one in self.intents
            if one["metadata"].get("payment_id") == payment_id
        )

    def moved(self) -> frozenset[tuple[str, str, int]]:
        """All that stands at the processor: what a refused request must leave as it is."""
        charges = {(one["id"], one["status"], one["amount_received"]) for one in self.intents}
        return frozenset(charges | {(one["id"], one["status"], one["amount"]) for one in self.refunds})


@dataclass(slots=True)
class Visit:
    """A visit as whoever pressed the buttons remembers it.

    `due_cents` is what its outcome may ask for, None before there is one; `may_become` what the press that is under way
    leads to, with what is then due; `is_asked` once the business wants a fee that was only proposed. `closed` are the
    payments that were given up, with their charges at that moment. `is_calm` while nothing went wrong around it.
    """

    booking_id: str
    token: str
    number: str
    card: str | None
    price_cents: int
    gift_card_cents: int
    deposit_cents: int
    starts_at: datetime
    email: str
    status: str
    is_calm: bool
    due_cents: int | None = None
    may_become: dict[str, tuple[int, bool]] = field(default_factory=dict)
    is_asked: bool = True
    closed: dict[str, Charges] = field(default_factory=dict)
    refund_presses: int = 0
    tip_cents: int = 0
    asks_at: datetime | None = None

    def card_due_cents(self, by_deposit: int = 0) -> int:
        """What is left for a card when deposit and gift card have paid what they can; too little is not charged."""
        rest = max((self.due_cents or 0) - by_deposit - self.gift_card_cents, 0)
        return rest if rest >= LEAST_CENTS else 0


def follow(visits: Mapping[str, Visit], seen: Seen) -> None:
    """Let every visit go where it went, if it may; and remember what was given up, and when."""
    for visit in visits.values():
        now = seen.bookings[visit.booking_id]
        if now != visit.status:
            allowed = {*visit.may_become, *BY_ITSELF.get(visit.status, ())}
            assert now in MAY_FOLLOW.get(visit.status, ()), (visit, now)
            assert now in allowed, (visit, now)
            if now in visit.may_become:
                due, visit.is_asked = visit.may_become[now]
                visit.due_cents = due or None
            visit.status = now
        visit.may_become = {}
    for payment_id, payment in seen.payments.items():
        if payment["status"] in CLOSED:
            visits[str(payment["owner_id"])].closed.setdefault(payment_id, seen.charges(payment_id))


def expect_none(found: Sequence[str]) -> None:
    assert not found, "; ".join(found)


def wrongs(visits: Mapping[str, Visit], seen: Seen) -> list[str]:
    """Everything that is wrong with the money at this moment."""
    return [
        *_charged_twice(seen),
        *_charged_wrongly(visits, seen),
        *_given_back_wrongly(visits, seen),
        *_kept_wrongly(seen),
        *([f"{seen.uneven_facts} facts of the ledger do not sum to nothing"] if seen.uneven_facts else []),
    ]


def _charged_twice(seen: Seen) -> Iterator[str]:
    taken = [one for one in seen.intents if one["amount_received"]]
    of_purpose: Counter[tuple[str, str]] = Counter()
    for intent in taken:
        payment = seen.payments.get(intent["metadata"].get("payment_id", ""))
        if payment is None:
            yield f"{intent['id']} was taken for nothing"
        else:
            of_purpose[str(payment["owner_id"]), str(payment["purpose"])] += 1
    for (booking_id, purpose), count in of_purpose.items():
        if count > 1:
            yield f"{booking_id} was charged {count} times for {purpose}"


def _charged_wrongly(visits: Mapping[str, Visit], seen: Seen) -> Iterator[str]:
    for payment_id, payment in seen.payments.items():
        visit = visits[str(payment["owner_id"])]
        charges = seen.charges(payment_id)
        taken = {cents for _, _, cents in charges} - {0}
        if payment["purpose"] == DEPOSIT:
            if taken - {visit.deposit_cents}:
                yield f"{visit.booking_id} paid a deposit of {taken}, not of {visit.deposit_cents}"
            continue
        if payment_id in visit.closed and not _only_ended(visit.closed[payment_id], charges):
            yield f"{visit.booking_id} was charged after it was {payment['status']}"
        if payment["purpose"] != OUTCOME or not charges:
            continue
        if visit.due_cents is None:
            yield f"{visit.booking_id} was charged while it is {visit.status} and nothing is due"
        elif not visit.is_asked:
            yield f"{visit.booking_id} was charged a fee that was only proposed"
        elif taken - {visit.card_due_cents(payment["deposit_cents"])}:
            yield f"{visit.booking_id} was charged {taken} for what costs {visit.due_cents}"


def _only_ended(before: Charges, now: Charges) -> bool:
    """Whether there is no new charge, and no more was taken; one that was open may have been called off."""
    taken_before, taken_now = ({name: cents for name, _, cents in some} for some in (before, now))
    return taken_before == taken_now


def _given_back_wrongly(visits: Mapping[str, Visit], seen: Seen) -> Iterator[str]:
    given_back: Counter[str] = Counter()
    made: Counter[str] = Counter()
    payment_of = {one["id"]: one["metadata"].get("payment_id", "") for one in seen.intents}
    for refund in seen.refunds:
        if refund["status"] not in {"failed", "canceled"}:
            given_back[refund["payment_intent"]] += refund["amount"]
        if "refund_id" in refund["metadata"]:
            made[payment_of[refund["payment_intent"]]] += 1
    for intent in seen.intents:
        if given_back[intent["id"]] > intent["amount_received"]:
            yield f"{intent['id']} gave back {given_back[intent['id']]} of {intent['amount_received']}"
    for payment_id, count in made.items():
        visit = visits[str(seen.payments[payment_id]["owner_id"])]
        if seen.payments[payment_id]["purpose"] != DEPOSIT and count > visit.refund_presses:
            yield f"{visit.booking_id} was refunded {count} times, asked for {visit.refund_presses} times"


def _kept_wrongly(seen: Seen) -> Iterator[str]:
    """What our own rows claim without the processor's having done it."""
    for payment_id, payment in seen.payments.items():
        if payment["refunded_cents"] > payment["captured_cents"]:
            yield f"{payment_id} has more refunded than captured"
        if payment["method"] == "card":
            taken = sum(cents for _, _, cents in seen.charges(payment_id))
            if payment["captured_cents"] - payment["gift_card_cents"] > taken:
                yield f"{payment_id} claims {payment['captured_cents']} and the processor took {taken}"


def disagreements(visits: Mapping[str, Visit], seen: Seen) -> list[str]:
    """Where booking and money do not agree once everything has had its time."""
    return [
        *wrongs(visits, seen),
        *(wrong for one in seen.payments.values() for wrong in _unequal(seen, one)),
        *(wrong for one in seen.payments.values() for wrong in _unfit(visits[str(one["owner_id"])], one)),
        *(wrong for visit in visits.values() for wrong in _too_much(visit, seen)),
        *(f"{one['id']} still holds money" for one in seen.intents if one["status"] == "requires_capture"),
    ]


def _unequal(seen: Seen, payment: Mapping[str, Any]) -> Iterator[str]:
    payment_id = str(payment["id"])
    charges = seen.charges(payment_id)
    names = {name for name, _, _ in charges}
    taken = sum(cents for _, _, cents in charges)
    is_by_card = payment["captured_cents"] and payment["method"] == "card"
    by_card = payment["captured_cents"] - payment["gift_card_cents"] if is_by_card else 0
    if by_card != taken:
        yield f"{payment_id} has {by_card} by card, the processor took {taken}"
    fees = sum(
        one["application_fee_amount"] or 0 for one in seen.intents if one["id"] in names and one["amount_received"]
    )
    if payment["application_fee_cents"] != fees:
        yield f"{payment_id} has a fee of {payment['application_fee_cents']}, the processor kept {fees}"
    back = sum(one["amount"] for one in seen.refunds if one["payment_intent"] in names and one["status"] == "succeeded")
    if payment["method"] == "card" and payment["refunded_cents"] - payment["restored_cents"] != back:
        yield f"{payment_id} has {payment['refunded_cents']} refunded, the processor gave back {back}"
    waits = any(status in {"requires_action", "requires_confirmation"} for _, status, _ in charges)
    if waits and payment["status"] != "needs_customer":
        yield f"{payment_id} is {payment['status']} and its customer could still pay"


def _too_much(visit: Visit, seen: Seen) -> Iterator[str]:
    """Money that was taken for a visit and that nothing of it explains."""
    own = {str(one["purpose"]): one for one in seen.payments.values() if str(one["owner_id"]) == visit.booking_id}
    kept = {purpose: one["captured_cents"] - one["refunded_cents"] for purpose, one in own.items()}
    most = visit.price_cents + visit.tip_cents
    deposit, outcome = own.get(DEPOSIT), own[OUTCOME]
    if deposit is None or outcome["status"] not in ENDED:
        return
    has_failed = any(
        one["status"] == "failed" and one["payment_intent"] in {name for name, _, _ in seen.charges(str(deposit["id"]))}
        for one in seen.refunds
    )
    if kept[DEPOSIT] > outcome["deposit_cents"] and not has_failed:
        yield f"{visit.booking_id} keeps {kept[DEPOSIT]} of a deposit of which {outcome['deposit_cents']} is used"
    if sum(kept.values()) > most and outcome["method"] == "card" and not has_failed:
        yield f"{visit.booking_id} cost {sum(kept.values())}, and at most {most} was due"


def _unfit(visit: Visit, payment: Mapping[str, Any]) -> Iterator[str]:
    """A payment that does not fit what became of its visit."""
    if payment["purpose"] != OUTCOME:
        return
    status = payment["status"]
    fits = {
        "pending": {"open", "settled_elsewhere"},
        "confirmed": {"open", "settled_elsewhere"},
        "checked_in": {"open", "settled_elsewhere"},
        "failed": {"canceled", "settled_elsewhere"},
    }.get(visit.status)
    if fits is None:
        owed = {"open", "needs_customer", "declined_retryable", "declined_final"}
        fits = {"succeeded", "waived", "written_off", "settled_elsewhere", *owed}
        if visit.due_cents is None:
            fits = {"canceled", "settled_elsewhere"}
    if status not in fits:
        yield f"{visit.booking_id} is {visit.status} and its payment is {status}"
    by_card = visit.card_due_cents(payment["deposit_cents"])
    if status == "succeeded" and payment["captured_cents"] != payment["gift_card_cents"] + by_card:
        yield f"{visit.booking_id} has {payment['captured_cents']} captured, {visit.due_cents} was due"

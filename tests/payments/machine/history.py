# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The frame of a random history of money: what is checked at each step and at the end, and how a button is pressed."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from tests.factories.businesses import Answer, open_salon
from tests.factories.promotions import add_coupon, add_tax
from tests.payments.books import expect_books_to_tie, rows
from tests.payments.machine.counter import Counter, Death, Fault, Trouble
from tests.payments.machine.mortal import Mortal
from tests.payments.machine.truth import LEAST_CENTS, OUTCOME, Seen, Visit, disagreements, expect_none, follow, wrongs
from tests.payments.till import AUTHORIZE, CAPTURE, CARD_THAT_ASKS_AT_THE_DESK, REFUND, Till
from tests.stack import Stack
from tithi.platform.crypto import LinkTarget, seal_link
from tithi.platform.pipeline import MANAGE_LINK

IN_PROGRESS = "TITHI_IDEMPOTENCY_IN_PROGRESS"
GOOD = "pm_card_visa"
PICK = st.integers(0, 10_000)
CARDS = st.sampled_from(
    (
        GOOD,
        GOOD,
        GOOD,
        CARD_THAT_ASKS_AT_THE_DESK,
        CARD_THAT_ASKS_AT_THE_DESK,
        "pm_card_chargeCustomerFail",
        "pm_card_pendingRefund",
        "pm_card_refundFail",
        "pm_card_createDispute",
        "pm_card_chargeDeclinedLostCard",
        "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
    )
)
CALLS = st.sampled_from(
    (
        AUTHORIZE,
        CAPTURE,
        REFUND,
        "POST /v1/payment_intents/*/cancel",
        "POST /v1/setup_intents",
        "POST /v1/customers",
        "GET /v1/payment_intents*",
        "GET /v1/refunds",
        "*",
    )
)
KINDS = st.sampled_from(
    (
        "lose_answer_before",
        "lose_answer_after",
        "reset",
        "rate_limit_429",
        "conflict_409",
        "error_500",
        "error_500_after",
    )
)
TROUBLES: st.SearchStrategy[Trouble] = st.one_of(
    st.none(),
    st.none(),
    st.builds(Death, st.integers(1, 12)),
    st.builds(Fault, CALLS, KINDS, st.integers(1, 3)),
)
RARELY: st.SearchStrategy[Trouble] = st.one_of(*[st.none()] * 5, TROUBLES)
AHEAD = ("pending", "confirmed", "checked_in")
OWED = frozenset({"open", "needs_customer", "declined_retryable", "declined_final", "unknown", "capture_submitted"})
PAID = frozenset({"succeeded", "capture_submitted", "settled_elsewhere"})
DEPOSIT_PERCENT = 20
FEE_DELAY = timedelta(hours=24)
HOUR = timedelta(hours=1)
WINDOW = timedelta(hours=24)
_BOOKINGS = """
    SELECT b.*, c.email,
        (SELECT coalesce(-sum(l.amount_cents), 0) FROM booking_lines l
            WHERE l.booking_id = b.id AND l.kind = 'gift_card') AS gift_card_cents,
        (SELECT s.given_method_ref FROM card_setups s WHERE s.owner_id = b.id ORDER BY s.created_at LIMIT 1) AS card
    FROM bookings b JOIN customers c ON c.id = b.customer_id ORDER BY b.created_at, b.id
"""

Become = dict[str, tuple[int, bool]]


@dataclass(frozen=True, slots=True)
class Press:
    """A button pressed, so that it can be pressed once more; `leads_to` says where it may take the visit now."""

    visit: Visit | None
    path: str
    body: dict[str, Any]
    key: str
    by_link: bool
    leads_to: Callable[[], Become] | None


class History(RuleBasedStateMachine):
    """A business, its visits as they are remembered, and what is right about them at every step."""

    app: Flask
    stack: Stack
    worker_app: Flask

    def __init__(self) -> None:
        super().__init__()
        self.visits: dict[str, Visit] = {}
        self.cut: list[Press] = []
        self.starts: set[datetime] = set()
        self.is_calm_booking = False
        self.steps = 0
        self.seen = Seen({}, {}, (), ())
        self.held = ExitStack()
        self.counter: Counter | None = None

    @initialize(
        charges_late_fees=st.booleans(), takes_deposits=st.booleans(), cards=st.lists(CARDS, min_size=2, max_size=4)
    )
    def open(
        self,
        charges_late_fees: bool,  # noqa: FBT001 - drawn by the machine
        takes_deposits: bool,  # noqa: FBT001 - drawn by the machine
        cards: list[str],
    ) -> None:
        """A new business with some visits ahead."""
        self.charges_late_fees = charges_late_fees
        self.takes_deposits = takes_deposits
        policy: dict[str, Any] = {"late_fee_after_hours": 24} if charges_late_fees else {}
        policy |= {"deposit": {"type": "percent", "value": DEPOSIT_PERCENT}} if takes_deposits else {}
        salon = open_salon(self.app, **policy)
        now = datetime.now(UTC).replace(hour=8, minute=7, second=30, microsecond=0) + timedelta(days=1)
        self.till = Till(salon, self.stack, self.worker_app)
        self.counter = Counter(self.till, Mortal(), now)
        self.held.enter_context(self.counter.opened())
        add_tax(salon)
        self.coupon = add_coupon(salon)["code"]
        self.is_calm_booking = True
        for number, card in enumerate(cards):
            start = self.free_hour(2 if number % 2 else 30)
            method = {"type": "card", "stripe_payment_method_id": card}
            booking = salon.booked(start=start, payment_method=method)
            for kind, name in self.waiting():
                self.stack.stripe.state.authenticate(kind, name, succeeds=True)
                proof = {"tenant_id": str(salon.tenant_id), "manage_token": booking["manage_token"]}
                salon.request("POST", f"/booking/confirm/{booking['booking_id']}", None, json=proof)

    def teardown(self) -> None:
        with self.held:
            if self.counter is not None and self.counter.is_sound:
                self.expect_agreement()

    def expect_agreement(self) -> None:
        """Booking and money agree at the end, here and at the processor, and nothing is left to do."""
        self.desk.settle()
        self._look()
        expect_none(disagreements(self.visits, self.seen))
        expect_none(self.desk.left_over())
        expect_books_to_tie(self.till)

    @invariant()
    def money_is_right(self) -> None:
        self.steps += 1
        self._look()
        expect_none(wrongs(self.visits, self.seen))
        self.desk.is_sound = True

    @property
    def desk(self) -> Counter:
        assert self.counter is not None
        return self.counter

    def one(self, pick: int, *statuses: str, owes: bool = False, paid: bool = False) -> Visit:
        """A visit for which the press makes sense, mostly; now and then any."""
        some = list(self.visits.values())
        if pick % 5:
            states = {str(one["owner_id"]): one["status"] for one in self._outcomes()}
            some = [
                visit
                for visit in some
                if (not statuses or visit.status in statuses)
                and (not owes or (visit.due_cents and states[visit.booking_id] in OWED))
                and (not paid or states[visit.booking_id] in PAID)
            ] or some
        return some[pick % len(some)]

    def payment_of(self, visit: Visit) -> dict[str, Any]:
        """The outcome payment of a visit, as it was after the last step."""
        return next(dict(one) for one in self._outcomes() if str(one["owner_id"]) == visit.booking_id)

    def _outcomes(self) -> list[Mapping[str, Any]]:
        return [one for one in self.seen.payments.values() if one["purpose"] == OUTCOME]

    def press(
        self,
        visit: Visit | None,
        path: str,
        trouble: Trouble,
        *,
        leads_to: Callable[[], Become] | None = None,
        by_link: bool = False,
        **body: Any,
    ) -> Answer | None:
        """Press a button for a visit; nothing comes back where the process died over it."""
        if visit is not None and trouble is not None:
            visit.is_calm = False
        return self.send(Press(visit, path, body, self.desk.new_key(), by_link, leads_to), trouble)

    def send(self, press: Press, trouble: Trouble) -> Answer | None:
        if press.visit is not None and press.leads_to is not None:
            press.visit.may_become = press.leads_to()
        answer = self.desk.ask(
            lambda: self.desk.press(press.path, press.body, key=press.key, by_link=press.by_link), trouble
        )
        if answer is None or answer.status_code >= 500 or answer.json.get("code") == IN_PROGRESS:
            self.cut.append(press)
        return answer

    def free_hour(self, ahead: int) -> datetime:
        start = (self.desk.now + ahead * HOUR).replace(minute=0, second=0, microsecond=0) + HOUR
        while start in self.starts:
            start += HOUR
        self.starts.add(start)
        return start

    def waiting(self) -> list[tuple[str, str]]:
        """The cards to be kept or charged whose holder has to answer their bank."""
        return [
            (kind, one["id"])
            for kind in ("setup_intents", "payment_intents")
            for one in self.stack.stripe.state.objects(kind, self.till.salon.account)
            if one["status"] == "requires_action"
        ]

    def late_fee(self, visit: Visit) -> int:
        """Half of the price for whoever cancels inside the window, half up; a visit never confirmed costs nothing."""
        if visit.status == "pending" or self.desk.now <= visit.starts_at - WINDOW:
            return 0
        return (visit.price_cents + 1) // 2

    def _look(self) -> None:
        self._adopt()
        self.seen = self.desk.look()
        follow(self.visits, self.seen)
        for visit in self.visits.values():
            if not visit.is_asked and self.charges_late_fees:
                visit.asks_at = visit.asks_at or self.desk.now + FEE_DELAY - timedelta(minutes=1)
                visit.is_asked = self.desk.now >= visit.asks_at

    def _deposit(self, row: dict[str, Any]) -> int:
        """What is taken when a customer books: a fifth of the price, half up, of what the gift card leaves."""
        if not self.takes_deposits or row["source"] == "staff":
            return 0
        asked = (row["amount_cents"] * DEPOSIT_PERCENT * 2 + 100) // 200
        asked = min(asked, row["amount_cents"] - row["gift_card_cents"])
        return asked if asked >= LEAST_CENTS else 0

    def _adopt(self) -> None:
        """Know the visits that were booked, also where nobody was told."""
        for row in rows(self.till, _BOOKINGS):
            booking_id = str(row["id"])
            if booking_id in self.visits:
                continue
            with self.app.app_context():
                token = seal_link(MANAGE_LINK, LinkTarget(self.till.salon.tenant_id, row["id"], row["link_version"]))
            self.visits[booking_id] = Visit(
                booking_id=booking_id,
                token=token,
                number=row["confirmation_number"],
                card=row["card"],
                deposit_cents=self._deposit(row),
                price_cents=row["amount_cents"],
                gift_card_cents=row["gift_card_cents"],
                starts_at=row["starts_at"],
                email=row["email"],
                status=row["status"],
                is_calm=self.is_calm_booking,
            )

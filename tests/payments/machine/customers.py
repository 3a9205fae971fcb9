# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What customers do about money, by the booking page, by their link, and with their bank."""

from typing import Any
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.factories.promotions import sell_gift_card
from tests.payments.machine.counter import API, Trouble
from tests.payments.machine.history import CARDS, GOOD, PICK, RARELY, TROUBLES, Become, History
from tests.payments.machine.staff import HAS_VISITS
from tests.payments.till import CARD_THAT_ASKS_AT_THE_DESK

CREATED, REFUSED = 201, 409
IN_PAGE = ("confirm_payment", "enter_payment")


class Customers(History):
    @rule(
        card=CARDS | st.none(),
        ahead=st.sampled_from((2, 2, 30, 60)),
        gift=st.sampled_from((0, 0, 0, 500, 4980, 7000)),
        has_coupon=st.booleans(),
        other=st.none() | st.none() | PICK,
        trouble=RARELY,
    )
    def book(
        self,
        card: str | None,
        ahead: int,
        gift: int,
        has_coupon: bool,  # noqa: FBT001 - drawn by the machine
        other: int | None,
        trouble: Trouble,
    ) -> None:
        """Book with a card; or have staff book, who need none."""
        start = self.free_hour(ahead)
        codes: dict[str, Any] = {"coupon_code": self.coupon} if has_coupon else {}
        if gift:
            codes["gift_card_code"] = sell_gift_card(self.till.salon, gift, paid_by="cash")["code"]
        method = {"type": "card", "stripe_payment_method_id": card} if card else None
        body = self.till.salon.booking_body(start=start, payment_method=method, **codes)
        body["customer_info"]["email"] = self._email(other)
        self.is_calm_booking = trouble is None and (other is None or not self.visits)
        if card is None:
            body = {name: value for name, value in body.items() if name != "tenant_id"}
        path = "/booking/create" if card else f"{API}/bookings"
        answer = self.press(None, path, trouble, by_link=card is not None, **body)
        assert answer is None or answer.status_code in {CREATED, REFUSED}, answer.text
        if answer is not None and trouble is None:
            assert answer.status_code == CREATED, answer.text

    def _email(self, other: int | None) -> str:
        """Somebody new, or the customer of another visit, who may then have cards and debts."""
        if other is None or not self.visits:
            return f"{uuid4().hex}@example.com"
        found = self.one(other)
        for visit in self.visits.values():
            visit.is_calm &= visit.email != found.email
        return found.email

    @HAS_VISITS
    @rule(pick=PICK, card=CARDS, trouble=TROUBLES)
    def give_another_card(self, pick: int, card: str, trouble: Trouble) -> None:
        visit = self.one(pick, owes=True)
        method = {"type": "card", "stripe_payment_method_id": card}
        for one in self.visits.values():
            one.is_calm &= one.email != visit.email
        self.press(visit, f"{API}/manage/{visit.token}/card", trouble, by_link=True, payment_method=method)

    @HAS_VISITS
    @rule(pick=PICK, trouble=TROUBLES)
    def confirm(self, pick: int, trouble: Trouble) -> None:
        visit = self.one(pick, "pending")
        self.press(
            visit,
            f"/booking/confirm/{visit.booking_id}",
            trouble,
            by_link=True,
            tenant_id=str(self.till.salon.tenant_id),
            confirmation_number=visit.number,
        )

    @HAS_VISITS
    @rule(pick=PICK, trouble=TROUBLES)
    def cancel_by_link(self, pick: int, trouble: Trouble) -> None:
        visit = self.one(pick, "confirmed")
        before = visit.status

        def leads_to() -> Become:
            fee = self.late_fee(visit)
            return {"canceled": (fee, not fee)}

        path = f"{API}/manage/{visit.token}/cancel"
        answer = self.press(visit, path, trouble, leads_to=leads_to, by_link=True)
        if visit.is_calm and answer is not None:
            is_ahead = before in {"pending", "confirmed"} and visit.starts_at > self.desk.now
            assert (answer.status_code == 200) is (is_ahead or before == "canceled"), answer.text

    @HAS_VISITS
    @rule(
        pick=PICK,
        act=st.sampled_from(("nothing", "prove", "prove", "fail", "another")),
        comes_back=st.booleans(),
        trouble=TROUBLES,
    )
    def pay_by_link(self, pick: int, act: str, comes_back: bool, trouble: Trouble) -> None:  # noqa: FBT001 - drawn by the machine
        """Open the pay link, act on the charge that waits, and come back to the page or close it."""
        visit = self.one(pick, owes=True)
        path = f"{API}/manage/{visit.token}/pay"
        answer = self.press(visit, path, trouble, by_link=True)
        action = answer.json.get("next_action") if answer is not None and answer.status_code == 200 else None
        if action is None or action["type"] not in IN_PAGE or act == "nothing":
            return
        visit.is_calm = False
        intent = action["client_secret"].partition("_secret_")[0]
        tried = self.till.pay_in_browser(action, GOOD if act == "another" else CARD_THAT_ASKS_AT_THE_DESK)
        if act != "another" and tried.ok and tried.json()["status"] == "requires_action":
            self.stack.stripe.state.authenticate("payment_intents", intent, succeeds=act == "prove")
        if comes_back:
            self.press(visit, path, trouble, by_link=True)

    @precondition(lambda self: self.waiting())
    @rule(pick=PICK, succeeds=st.sampled_from((True, True, False)))
    def prove_a_card(self, pick: int, succeeds: bool) -> None:  # noqa: FBT001 - drawn by the machine
        """The holder of a card that is to be kept, or charged, answers their bank."""
        waiting = self.waiting()
        kind, name = waiting[pick % len(waiting)]
        self.stack.stripe.state.authenticate(kind, name, succeeds=succeeds)

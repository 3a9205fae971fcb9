# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The room's use cases, one file each subject; import them from here."""

from tithi.bookings.service.booking import book
from tithi.bookings.service.cards import request_card
from tithi.bookings.service.classes import call_off_class, cancel_class_visits, change_class, schedule_class
from tithi.bookings.service.confirming import confirm, confirm_by_staff, confirm_with_truth, expire_pending
from tithi.bookings.service.deposits import request_deposit, return_unwanted_deposit
from tithi.bookings.service.desk import act_on_many, send_message, update_details
from tithi.bookings.service.explain import Asked, explain
from tithi.bookings.service.holding import extend_hold, hold, release_hold
from tithi.bookings.service.items import cancel_item
from tithi.bookings.service.making import shown_to_customer
from tithi.bookings.service.money import (
    carry_on_payment,
    charge_fee,
    charge_owed,
    charge_proposed,
    record_cash,
    refresh_payment,
    refund,
    request_payment,
    waive,
    write_off,
)
from tithi.bookings.service.moving import Move, move
from tithi.bookings.service.offering import (
    lapse_hold,
    offer_freed_class,
    offer_freed_item,
    offer_freed_move,
    offer_freed_moves,
    offer_freed_offer,
    offer_freed_time,
    offer_freed_visit,
    settle_offer,
)
from tithi.bookings.service.outcomes import cancel, check_in, complete, mark_no_show
from tithi.bookings.service.own import (
    cancel_by_customer,
    confirm_for_customer,
    give_card,
    move_by_customer,
    pay_by_link,
    show_for_customer,
)
from tithi.bookings.service.quoting import quote
from tithi.bookings.service.receipts import issue_credit_notes, issue_receipt, own_receipt, own_receipts
from tithi.bookings.service.seats import SeatsWanted, book_seats
from tithi.bookings.service.securing import ask_after_failed_hold, place_hold, plan_hold
from tithi.bookings.service.series import book_series, cancel_series, get_series, move_series, show_series
from tithi.bookings.service.topping import charge_balance, charge_tip
from tithi.bookings.service.undoing import undo_outcome
from tithi.bookings.service.waitlist import (
    accept_offer,
    decline_offer,
    expire_wish,
    join_waitlist,
    leave_waitlist,
    offer_by_staff,
    offer_failed_visit,
)
from tithi.bookings.service.wanted import Wanted, override_of, wanted_of
from tithi.bookings.service.watching import (
    apply_card_rule,
    watch_card,
    watch_customers_visits,
    watch_visit,
    watch_visits_again,
)

__all__ = [
    "Asked",
    "Move",
    "SeatsWanted",
    "Wanted",
    "accept_offer",
    "act_on_many",
    "apply_card_rule",
    "ask_after_failed_hold",
    "book",
    "book_seats",
    "book_series",
    "call_off_class",
    "cancel",
    "cancel_by_customer",
    "cancel_class_visits",
    "cancel_item",
    "cancel_series",
    "carry_on_payment",
    "change_class",
    "charge_balance",
    "charge_fee",
    "charge_owed",
    "charge_proposed",
    "charge_tip",
    "check_in",
    "complete",
    "confirm",
    "confirm_by_staff",
    "confirm_for_customer",
    "confirm_with_truth",
    "decline_offer",
    "expire_pending",
    "expire_wish",
    "explain",
    "extend_hold",
    "get_series",
    "give_card",
    "hold",
    "issue_credit_notes",
    "issue_receipt",
    "join_waitlist",
    "lapse_hold",
    "leave_waitlist",
    "mark_no_show",
    "move",
    "move_by_customer",
    "move_series",
    "offer_by_staff",
    "offer_failed_visit",
    "offer_freed_class",
    "offer_freed_item",
    "offer_freed_move",
    "offer_freed_moves",
    "offer_freed_offer",
    "offer_freed_time",
    "offer_freed_visit",
    "override_of",
    "own_receipt",
    "own_receipts",
    "pay_by_link",
    "place_hold",
    "plan_hold",
    "quote",
    "record_cash",
    "refresh_payment",
    "refund",
    "release_hold",
    "request_card",
    "request_deposit",
    "request_payment",
    "return_unwanted_deposit",
    "schedule_class",
    "send_message",
    "settle_offer",
    "show_for_customer",
    "show_series",
    "shown_to_customer",
    "undo_outcome",
    "update_details",
    "waive",
    "wanted_of",
    "watch_card",
    "watch_customers_visits",
    "watch_visit",
    "watch_visits_again",
    "write_off",
]

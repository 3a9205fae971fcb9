# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What is told to customers and businesses; import it from here."""

from tithi.notifications.service.business import (
    tell_account_restricted,
    tell_account_withdrawn,
    tell_dispute_closed,
    tell_disputed,
    tell_refund_failed,
)
from tithi.notifications.service.changes import (
    tell_item_canceled,
    tell_rescheduled,
    tell_series_booked,
    tell_series_canceled,
    tell_series_rescheduled,
)
from tithi.notifications.service.gift_cards import send_gift_card
from tithi.notifications.service.money import (
    ask_for_card,
    ask_for_deposit,
    remind_of_payment,
    send_pay_link,
    send_receipt,
    tell_card_missing,
    tell_declined,
    tell_recovery_ended,
    tell_refunded,
)
from tithi.notifications.service.subscription import (
    tell_limit_near,
    tell_past_due,
    tell_subscription_canceled,
    tell_subscription_paused,
    tell_trial_ending,
)
from tithi.notifications.service.visits import (
    tell_canceled,
    tell_completed,
    tell_confirmed,
    tell_failed,
    tell_no_show,
    tell_offered,
    tell_received,
)

__all__ = [
    "ask_for_card",
    "ask_for_deposit",
    "remind_of_payment",
    "send_gift_card",
    "send_pay_link",
    "send_receipt",
    "tell_account_restricted",
    "tell_account_withdrawn",
    "tell_canceled",
    "tell_card_missing",
    "tell_completed",
    "tell_confirmed",
    "tell_declined",
    "tell_dispute_closed",
    "tell_disputed",
    "tell_failed",
    "tell_item_canceled",
    "tell_limit_near",
    "tell_no_show",
    "tell_offered",
    "tell_past_due",
    "tell_received",
    "tell_recovery_ended",
    "tell_refund_failed",
    "tell_refunded",
    "tell_rescheduled",
    "tell_series_booked",
    "tell_series_canceled",
    "tell_series_rescheduled",
    "tell_subscription_canceled",
    "tell_subscription_paused",
    "tell_trial_ending",
]

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The built-in words, by template and reader."""

from tithi.notifications.money_templates import MONEY_TEMPLATES
from tithi.notifications.rendering import Template
from tithi.notifications.template_parts import BUSINESS, CUSTOMER, OFFERED, SERIES, VISIT, VISIT_AND_PRICE, WHO

WHAT_FOLLOWS = {
    "pending": "The time is kept for you while your card is being added. You hear from us as soon as it is confirmed.",
    "confirmed": "The confirmation follows in a mail of its own.",
}
ASKED = "The business looks at it and answers you. The time is kept for you until then."
NOTHING_CHARGED = "Nothing is charged."
NEW_FILE = "The attached file changes it in your calendar."
BACK_TO_CARD = "The money goes back to the card that was charged; most banks show it within five to ten days."
CARD_MISSING = {True: "The visit was released, at no cost.", False: "The visit is kept."}
PAID_BY = {"cash": "Cash", "other": "At the desk"}
MORE = {"tip": "Tip", "balance": "The rest of your visit"}
FEES = {"no_show": "No-show fee", "late_cancel": "Late cancellation fee"}

_FEE = "By the booking policy a fee of {{amount}} may be charged for this. If it is, a receipt follows."

TEMPLATES: dict[tuple[str, str], Template] = MONEY_TEMPLATES | {
    ("booking_received", CUSTOMER): Template(
        subject="Booking received: {{service}} at {{business_name}}",
        heading="We have received your booking",
        body="{{greeting}}\n\nThank you for booking with {{business_name}}. {{note}}",
        details=VISIT_AND_PRICE,
        link_label="View or cancel your booking",
    ),
    ("booking_received", BUSINESS): Template(
        subject="New booking: {{service}}, {{customer_name}}",
        heading="New booking",
        body="{{customer_name}} has booked with you.",
        details=(*WHO, *VISIT_AND_PRICE, ("Requests", "{{requests}}")),
    ),
    ("booking_confirmed", CUSTOMER): Template(
        subject="Confirmed: {{service}} at {{business_name}}",
        heading="Your booking is confirmed",
        body="{{greeting}}\n\nWe look forward to seeing you. The attached file adds the visit to your calendar.",
        details=VISIT_AND_PRICE,
        link_label="View or cancel your booking",
    ),
    ("booking_confirmed", BUSINESS): Template(
        subject="Booking confirmed: {{service}}, {{customer_name}}",
        heading="Booking confirmed",
        body="The booking of {{customer_name}} is confirmed.",
        details=(*WHO, *VISIT_AND_PRICE, ("Requests", "{{requests}}")),
    ),
    ("booking_rescheduled", CUSTOMER): Template(
        subject="Moved: {{service}} at {{business_name}}",
        heading="Your booking has another time",
        body="{{greeting}}\n\nYour booking was moved. {{note}}",
        details=(*VISIT_AND_PRICE, ("Before", "{{before}}")),
        link_label="View or cancel your booking",
    ),
    ("booking_rescheduled", BUSINESS): Template(
        subject="Booking moved: {{service}}, {{customer_name}}",
        heading="Booking moved",
        body="The booking of {{customer_name}} was moved by {{actor}}.",
        details=(*WHO, *VISIT, ("Before", "{{before}}"), ("Reason", "{{reason}}")),
    ),
    ("booking_item_canceled", CUSTOMER): Template(
        subject="Changed: your booking at {{business_name}}",
        heading="Your booking is shorter by a service",
        body="{{greeting}}\n\nThis was taken out of your booking: {{lines}}. The rest stays. {{note}}",
        details=VISIT_AND_PRICE,
        link_label="View or cancel your booking",
    ),
    ("booking_item_canceled", BUSINESS): Template(
        subject="Booking changed: {{customer_name}} without {{lines}}",
        heading="A service was taken out of a booking",
        body="This was taken out of the booking of {{customer_name}}, and its time is free again: {{lines}}.",
        details=(*WHO, *VISIT_AND_PRICE),
    ),
    ("series_booked", CUSTOMER): Template(
        subject="Confirmed: {{service}} at {{business_name}}, {{count}} times",
        heading="Your bookings are confirmed",
        body="{{greeting}}\n\nWe look forward to seeing you. The attached file adds all visits to your calendar.",
        details=SERIES,
        link_label="View or cancel the first visit",
    ),
    ("series_booked", BUSINESS): Template(
        subject="New series: {{service}}, {{customer_name}}, {{count}} times",
        heading="New series of bookings",
        body="A series of visits of {{customer_name}} is booked.",
        details=(*WHO, *SERIES, ("Requests", "{{requests}}")),
    ),
    ("series_rescheduled", CUSTOMER): Template(
        subject="Moved: {{service}} at {{business_name}}, {{count}} times",
        heading="Your bookings have other times",
        body="{{greeting}}\n\nSeveral of your visits were moved. {{note}} These are all that are ahead:",
        details=SERIES,
        link_label="View or cancel the first visit",
    ),
    ("series_rescheduled", BUSINESS): Template(
        subject="Series moved: {{service}}, {{customer_name}}, {{count}} times",
        heading="Series of bookings moved",
        body="Visits of {{customer_name}} were moved. These are all that are ahead:",
        details=(*WHO, *SERIES),
    ),
    ("series_canceled", CUSTOMER): Template(
        subject="Canceled: {{service}} at {{business_name}}, {{count}} times",
        heading="Your bookings are canceled",
        body="{{greeting}}\n\nThese visits are canceled. Nothing is charged.",
        details=SERIES,
    ),
    ("series_canceled", BUSINESS): Template(
        subject="Series canceled: {{service}}, {{customer_name}}, {{count}} times",
        heading="Series of bookings canceled",
        body="These visits of {{customer_name}} are canceled, and their times are free again.",
        details=(*WHO, *SERIES, ("Reason", "{{reason}}")),
    ),
    ("booking_completed", CUSTOMER): Template(
        subject="Thank you for your visit to {{business_name}}",
        heading="Thank you for your visit",
        body="{{greeting}}\n\nThank you for coming to {{business_name}}. We hope to see you again.",
        details=(*VISIT, ("Total", "{{total}}")),
    ),
    ("booking_completed", BUSINESS): Template(
        subject="Visit completed: {{service}}, {{customer_name}}",
        heading="Visit completed",
        body="The visit of {{customer_name}} is completed. No card was charged.",
        details=(*WHO, *VISIT, ("Total", "{{total}}")),
    ),
    ("booking_no_show", CUSTOMER): Template(
        subject="You were missed at {{business_name}}",
        heading="We missed you",
        body="{{greeting}}\n\nYou had a booking with {{business_name}}, and it is marked as missed.",
        details=VISIT,
        closing=f"{_FEE}\n\n{{{{note}}}}",
    ),
    ("booking_no_show", BUSINESS): Template(
        subject="No-show: {{service}}, {{customer_name}}",
        heading="Marked as a no-show",
        body="{{customer_name}} did not come.",
        details=(*WHO, *VISIT, ("Fee by the policy", "{{amount}}")),
        closing="{{note}}",
    ),
    ("booking_canceled", CUSTOMER): Template(
        subject="Canceled: {{service}} at {{business_name}}",
        heading="Your booking is canceled",
        body="{{greeting}}\n\nThis booking is canceled.",
        details=(*VISIT, ("Canceled by", "{{actor}}")),
        closing=f"{_FEE}\n\n{{{{note}}}}",
    ),
    ("booking_canceled", BUSINESS): Template(
        subject="Booking canceled: {{service}}, {{customer_name}}",
        heading="Booking canceled",
        body="The booking of {{customer_name}} is canceled, and its time is free again.",
        details=(
            *WHO, *VISIT, ("Canceled by", "{{actor}}"), ("Reason", "{{reason}}"), ("Fee by the policy", "{{amount}}"),
        ),
        closing="{{note}}",
    ),
    ("booking_failed", CUSTOMER): Template(
        subject="Your booking at {{business_name}} did not go through",
        heading="Your booking did not go through",
        body=(
            "{{greeting}}\n\nThe time was kept for you for a while, but the booking was not finished, and the time is"
            " free again. Nothing was charged. You are welcome to choose another time."
        ),
        details=VISIT,
    ),
    ("booking_failed", BUSINESS): Template(
        subject="Booking not finished: {{service}}, {{customer_name}}",
        heading="A booking was not finished",
        body="The booking of {{customer_name}} was not finished, and its time is free again. Nothing was charged.",
        details=(*WHO, *VISIT),
    ),
    ("waitlist_offered", CUSTOMER): Template(
        subject="A time is free for you: {{service}} at {{business_name}}",
        heading="A time has become free",
        body=(
            "{{greeting}}\n\nYou are on the waitlist of {{business_name}}. This time has become free, and it is kept"
            " for you for a while. Please open the link below to accept or decline it."
        ),
        details=(*OFFERED, ("Kept for you until", "{{until}}")),
        closing="If we do not hear from you by then, the time goes to the next on the list, and you go on waiting.",
        link_label="Accept or decline",
    ),
    ("waitlist_offered", BUSINESS): Template(
        subject="Offered from the waitlist: {{service}}, {{customer_name}}",
        heading="A free time was offered",
        body="{{customer_name}} waited for a time like this, and it is kept for them for a while.",
        details=(*WHO, *OFFERED, ("Kept until", "{{until}}")),
    ),
    ("gift_card", CUSTOMER): Template(
        subject="{{actor}} has given you a gift card of {{business_name}}",
        heading="A gift card for you",
        body="{{greeting}}\n\n{{actor}} has given you a gift card of {{business_name}}.\n\n{{note}}",
        details=(("Worth", "{{amount}}"), ("Code", "{{number}}"), ("To be used until", "{{until}}")),
        closing="Give the code when you book; whoever has it can use it, so keep it to yourself.",
    ),
    ("gift_card", BUSINESS): Template(
        subject="Gift card sent: {{amount}} for {{customer_name}}",
        heading="A gift card was sent",
        body="The gift card that {{actor}} gives to {{customer_name}} is on its way.",
        details=(("Worth", "{{amount}}"), ("To be used until", "{{until}}"), ("E-mail", "{{customer_email}}")),
    ),
}  # fmt: skip

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The built-in words, by template and reader."""

from tithi.notifications.rendering import Template

CUSTOMER = "customer"
BUSINESS = "business"

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

_VISIT = (
    ("Service", "{{service}}"),
    ("With", "{{team_member}}"),
    ("When", "{{when}}"),
    ("Where", "{{place}}"),
    ("Booking number", "{{number}}"),
)
_OFFERED = _VISIT[:-1]
_VISIT_AND_PRICE = (*_VISIT, ("Price", "{{price}}"))
_SERIES = (
    ("Service", "{{service}}"),
    ("With", "{{team_member}}"),
    ("Visits", "{{count}}"),
    ("When", "{{dates}}"),
    ("Where", "{{place}}"),
    ("Price of each", "{{price}}"),
)
_WHO = (
    ("Customer", "{{customer_name}}"),
    ("E-mail", "{{customer_email}}"),
    ("Phone", "{{customer_phone}}"),
)
_CHARGED = (
    ("Paid", "{{amount}}"),
    ("Paid with", "{{card}}"),
    ("Date", "{{charged_on}}"),
)
_FEE = "By the booking policy a fee of {{amount}} may be charged for this. If it is, a receipt follows."

TEMPLATES: dict[tuple[str, str], Template] = {
    ("booking_received", CUSTOMER): Template(
        subject="Booking received: {{service}} at {{business_name}}",
        heading="We have received your booking",
        body="{{greeting}}\n\nThank you for booking with {{business_name}}. {{note}}",
        details=_VISIT_AND_PRICE,
        link_label="View or cancel your booking",
    ),
    ("booking_received", BUSINESS): Template(
        subject="New booking: {{service}}, {{customer_name}}",
        heading="New booking",
        body="{{customer_name}} has booked with you.",
        details=(*_WHO, *_VISIT_AND_PRICE, ("Requests", "{{requests}}")),
    ),
    ("booking_confirmed", CUSTOMER): Template(
        subject="Confirmed: {{service}} at {{business_name}}",
        heading="Your booking is confirmed",
        body="{{greeting}}\n\nWe look forward to seeing you. The attached file adds the visit to your calendar.",
        details=_VISIT_AND_PRICE,
        link_label="View or cancel your booking",
    ),
    ("booking_confirmed", BUSINESS): Template(
        subject="Booking confirmed: {{service}}, {{customer_name}}",
        heading="Booking confirmed",
        body="The booking of {{customer_name}} is confirmed.",
        details=(*_WHO, *_VISIT_AND_PRICE, ("Requests", "{{requests}}")),
    ),
    ("booking_rescheduled", CUSTOMER): Template(
        subject="Moved: {{service}} at {{business_name}}",
        heading="Your booking has another time",
        body="{{greeting}}\n\nYour booking was moved. {{note}}",
        details=(*_VISIT_AND_PRICE, ("Before", "{{before}}")),
        link_label="View or cancel your booking",
    ),
    ("booking_rescheduled", BUSINESS): Template(
        subject="Booking moved: {{service}}, {{customer_name}}",
        heading="Booking moved",
        body="The booking of {{customer_name}} was moved by {{actor}}.",
        details=(*_WHO, *_VISIT, ("Before", "{{before}}"), ("Reason", "{{reason}}")),
    ),
    ("booking_item_canceled", CUSTOMER): Template(
        subject="Changed: your booking at {{business_name}}",
        heading="Your booking is shorter by a service",
        body="{{greeting}}\n\nThis was taken out of your booking: {{lines}}. The rest stays. {{note}}",
        details=_VISIT_AND_PRICE,
        link_label="View or cancel your booking",
    ),
    ("booking_item_canceled", BUSINESS): Template(
        subject="Booking changed: {{customer_name}} without {{lines}}",
        heading="A service was taken out of a booking",
        body="This was taken out of the booking of {{customer_name}}, and its time is free again: {{lines}}.",
        details=(*_WHO, *_VISIT_AND_PRICE),
    ),
    ("series_booked", CUSTOMER): Template(
        subject="Confirmed: {{service}} at {{business_name}}, {{count}} times",
        heading="Your bookings are confirmed",
        body="{{greeting}}\n\nWe look forward to seeing you. The attached file adds all visits to your calendar.",
        details=_SERIES,
        link_label="View or cancel the first visit",
    ),
    ("series_booked", BUSINESS): Template(
        subject="New series: {{service}}, {{customer_name}}, {{count}} times",
        heading="New series of bookings",
        body="A series of visits of {{customer_name}} is booked.",
        details=(*_WHO, *_SERIES, ("Requests", "{{requests}}")),
    ),
    ("series_rescheduled", CUSTOMER): Template(
        subject="Moved: {{service}} at {{business_name}}, {{count}} times",
        heading="Your bookings have other times",
        body="{{greeting}}\n\nSeveral of your visits were moved. {{note}} These are all that are ahead:",
        details=_SERIES,
        link_label="View or cancel the first visit",
    ),
    ("series_rescheduled", BUSINESS): Template(
        subject="Series moved: {{service}}, {{customer_name}}, {{count}} times",
        heading="Series of bookings moved",
        body="Visits of {{customer_name}} were moved. These are all that are ahead:",
        details=(*_WHO, *_SERIES),
    ),
    ("series_canceled", CUSTOMER): Template(
        subject="Canceled: {{service}} at {{business_name}}, {{count}} times",
        heading="Your bookings are canceled",
        body="{{greeting}}\n\nThese visits are canceled. Nothing is charged.",
        details=_SERIES,
    ),
    ("series_canceled", BUSINESS): Template(
        subject="Series canceled: {{service}}, {{customer_name}}, {{count}} times",
        heading="Series of bookings canceled",
        body="These visits of {{customer_name}} are canceled, and their times are free again.",
        details=(*_WHO, *_SERIES, ("Reason", "{{reason}}")),
    ),
    ("booking_completed", CUSTOMER): Template(
        subject="Thank you for your visit to {{business_name}}",
        heading="Thank you for your visit",
        body="{{greeting}}\n\nThank you for coming to {{business_name}}. We hope to see you again.",
        details=(*_VISIT, ("Total", "{{total}}")),
    ),
    ("booking_completed", BUSINESS): Template(
        subject="Visit completed: {{service}}, {{customer_name}}",
        heading="Visit completed",
        body="The visit of {{customer_name}} is completed. No card was charged.",
        details=(*_WHO, *_VISIT, ("Total", "{{total}}")),
    ),
    ("payment_receipt", CUSTOMER): Template(
        subject="Your receipt from {{business_name}}",
        heading="Thank you for your visit",
        body="{{greeting}}\n\nYour visit is completed, and this is your receipt.",
        details=(("For", "{{lines}}"), *_CHARGED, ("When", "{{when}}"), ("Booking number", "{{number}}")),
    ),
    ("payment_receipt", BUSINESS): Template(
        subject="Payment received: {{amount}} from {{customer_name}}",
        heading="Visit completed and paid",
        body="The visit of {{customer_name}} is completed and paid.",
        details=(("For", "{{lines}}"), *_CHARGED, *_WHO, ("When", "{{when}}"), ("Booking number", "{{number}}")),
    ),
    ("fee_receipt", CUSTOMER): Template(
        subject="Your receipt from {{business_name}}: {{fee}}",
        heading="Receipt for a fee",
        body="{{greeting}}\n\nBy the booking policy this fee was due, and it is paid.",
        details=(("For", "{{lines}}"), *_CHARGED, *_VISIT),
    ),
    ("fee_receipt", BUSINESS): Template(
        subject="{{fee}} received: {{amount}} from {{customer_name}}",
        heading="Fee received",
        body="{{customer_name}} has paid.",
        details=(("For", "{{lines}}"), *_CHARGED, *_WHO, *_VISIT),
    ),
    ("deposit_receipt", CUSTOMER): Template(
        subject="Your deposit at {{business_name}}: {{amount}}",
        heading="Deposit received",
        body="{{greeting}}\n\nThank you for your deposit. It counts towards what you pay for your visit.",
        details=(("For", "{{lines}}"), *_CHARGED, *_VISIT),
    ),
    ("deposit_receipt", BUSINESS): Template(
        subject="Deposit received: {{amount}} from {{customer_name}}",
        heading="Deposit received",
        body="{{customer_name}} has paid the deposit for a visit.",
        details=(("For", "{{lines}}"), *_CHARGED, *_WHO, *_VISIT),
    ),
    ("booking_no_show", CUSTOMER): Template(
        subject="You were missed at {{business_name}}",
        heading="We missed you",
        body="{{greeting}}\n\nYou had a booking with {{business_name}}, and it is marked as missed.",
        details=_VISIT,
        closing=f"{_FEE}\n\n{{{{note}}}}",
    ),
    ("booking_no_show", BUSINESS): Template(
        subject="No-show: {{service}}, {{customer_name}}",
        heading="Marked as a no-show",
        body="{{customer_name}} did not come.",
        details=(*_WHO, *_VISIT, ("Fee by the policy", "{{amount}}")),
        closing="{{note}}",
    ),
    ("booking_canceled", CUSTOMER): Template(
        subject="Canceled: {{service}} at {{business_name}}",
        heading="Your booking is canceled",
        body="{{greeting}}\n\nThis booking is canceled.",
        details=(*_VISIT, ("Canceled by", "{{actor}}")),
        closing=f"{_FEE}\n\n{{{{note}}}}",
    ),
    ("booking_canceled", BUSINESS): Template(
        subject="Booking canceled: {{service}}, {{customer_name}}",
        heading="Booking canceled",
        body="The booking of {{customer_name}} is canceled, and its time is free again.",
        details=(
            *_WHO, *_VISIT, ("Canceled by", "{{actor}}"), ("Reason", "{{reason}}"), ("Fee by the policy", "{{amount}}"),
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
        details=_VISIT,
    ),
    ("booking_failed", BUSINESS): Template(
        subject="Booking not finished: {{service}}, {{customer_name}}",
        heading="A booking was not finished",
        body="The booking of {{customer_name}} was not finished, and its time is free again. Nothing was charged.",
        details=(*_WHO, *_VISIT),
    ),
    ("waitlist_offered", CUSTOMER): Template(
        subject="A time is free for you: {{service}} at {{business_name}}",
        heading="A time has become free",
        body=(
            "{{greeting}}\n\nYou are on the waitlist of {{business_name}}. This time has become free, and it is kept"
            " for you for a while. Please open the link below to accept or decline it."
        ),
        details=(*_OFFERED, ("Kept for you until", "{{until}}")),
        closing="If we do not hear from you by then, the time goes to the next on the list, and you go on waiting.",
        link_label="Accept or decline",
    ),
    ("waitlist_offered", BUSINESS): Template(
        subject="Offered from the waitlist: {{service}}, {{customer_name}}",
        heading="A free time was offered",
        body="{{customer_name}} waited for a time like this, and it is kept for them for a while.",
        details=(*_WHO, *_OFFERED, ("Kept until", "{{until}}")),
    ),
    ("payment_needs_customer", CUSTOMER): Template(
        subject="Please approve your payment to {{business_name}}",
        heading="Your bank asks you to approve a payment",
        body=(
            "{{greeting}}\n\nYour bank did not let the payment through without you. Please open the link below to"
            " approve it or to use another card."
        ),
        details=(("Amount due", "{{amount}}"), *_VISIT),
        link_label="Pay now",
    ),
    ("payment_needs_customer", BUSINESS): Template(
        subject="Payment waits for {{customer_name}}: {{amount}}",
        heading="A payment waits for the customer",
        body=(
            "The bank of {{customer_name}} asks for the customer's approval. The customer has been sent a link to pay,"
            " where an e-mail address is known. You can also take the money at the desk and record it."
        ),
        details=(("Amount due", "{{amount}}"), *_WHO, *_VISIT),
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
    ("card_wanted", CUSTOMER): Template(
        subject="Please give another card for your visit to {{business_name}}",
        heading="Your card will not do on the day",
        body=(
            "{{greeting}}\n\nThe card that was kept for your visit has expired by then, or is gone. Please open the"
            " link below to give another. Nothing is charged now."
        ),
        details=(*_VISIT, ("Until", "{{until}}")),
        link_label="Give another card",
    ),
    ("card_wanted", BUSINESS): Template(
        subject="Card wanted of {{customer_name}}",
        heading="A card will not do",
        body="The card of {{customer_name}} has expired by the visit, or is gone. The customer was asked for another.",
        details=(*_WHO, *_VISIT, ("Until", "{{until}}")),
    ),
    ("deposit_wanted", CUSTOMER): Template(
        subject="Please pay a deposit for your visit to {{business_name}}: {{amount}}",
        heading="A deposit for your visit",
        body=(
            "{{greeting}}\n\n{{business_name}} asks for a deposit for your visit. It counts towards what you pay."
            " Please open the link below to pay it by card."
        ),
        details=(("Deposit", "{{amount}}"), *_VISIT),
        link_label="Pay the deposit",
    ),
    ("deposit_wanted", BUSINESS): Template(
        subject="Deposit asked of {{customer_name}}: {{amount}}",
        heading="A deposit was asked for",
        body="{{customer_name}} was asked for a deposit, with a link to pay it.",
        details=(("Deposit", "{{amount}}"), *_WHO, *_VISIT),
    ),
    ("card_missing", CUSTOMER): Template(
        subject="Your visit to {{business_name}} has no card",
        heading="No card was given",
        body="{{greeting}}\n\nNo card was given for your visit. {{note}}",
        details=_VISIT,
        link_label="View your booking",
    ),
    ("card_missing", BUSINESS): Template(
        subject="No card of {{customer_name}}",
        heading="No card was given in time",
        body="{{customer_name}} has not given a card that will do. {{note}}",
        details=(*_WHO, *_VISIT),
    ),
    ("payment_due", CUSTOMER): Template(
        subject="Please pay {{business_name}}: {{amount}}",
        heading="Your payment",
        body="{{greeting}}\n\nThis amount is open. Please open the link below to pay it by card.",
        details=(("Amount due", "{{amount}}"), *_VISIT),
        link_label="Pay now",
    ),
    ("payment_due", BUSINESS): Template(
        subject="Asked {{customer_name}} to pay {{amount}}",
        heading="The customer was asked to pay",
        body="{{customer_name}} was sent a link to pay, where an address is known, and is reminded until it is paid.",
        details=(("Amount due", "{{amount}}"), *_WHO, *_VISIT),
    ),
    ("payment_declined", CUSTOMER): Template(
        subject="Your payment to {{business_name}} did not go through",
        heading="Your card was declined",
        body="{{greeting}}\n\nYour card could not be charged. {{reason}} Please open the link below to give another.",
        details=(("Amount due", "{{amount}}"), ("Card", "{{card}}"), *_VISIT),
        link_label="Pay with another card",
    ),
    ("payment_declined", BUSINESS): Template(
        subject="Card declined: {{amount}} of {{customer_name}}",
        heading="A card was declined",
        body=(
            "The card of {{customer_name}} could not be charged. {{reason}} The customer has been sent a link to give"
            " another card, where an address is known. You can also take the money at the desk and record it."
        ),
        details=(("Amount due", "{{amount}}"), ("Card", "{{card}}"), *_WHO, *_VISIT),
    ),
    ("payment_reminder", CUSTOMER): Template(
        subject="Reminder: {{amount}} is due to {{business_name}}",
        heading="A payment is still open",
        body="{{greeting}}\n\nThis amount is still open. Please open the link below to pay it by card.",
        details=(("Amount due", "{{amount}}"), *_VISIT),
        closing="If you have paid in the meantime, please take this as settled.",
        link_label="Pay now",
    ),
    ("payment_reminder", BUSINESS): Template(
        subject="Reminded {{customer_name}} of {{amount}}",
        heading="The customer was reminded",
        body="{{customer_name}} still owes this and was reminded, where an address is known.",
        details=(("Amount due", "{{amount}}"), *_WHO, *_VISIT),
    ),
    ("payment_recovery_ended", CUSTOMER): Template(
        subject="{{amount}} is still due to {{business_name}}",
        heading="A payment could not be taken",
        body="{{greeting}}\n\nThis amount could not be taken. Please pay with the link below, or get in touch.",
        details=(("Amount due", "{{amount}}"), *_VISIT),
        link_label="Pay now",
    ),
    ("payment_recovery_ended", BUSINESS): Template(
        subject="Not paid: {{amount}} of {{customer_name}}",
        heading="A payment was not recovered",
        body=(
            "Nothing more is tried to take this payment of {{customer_name}}. You can write it off, take the money at"
            " the desk, or keep the customer from booking online until they have paid."
        ),
        details=(("Amount due", "{{amount}}"), *_WHO, *_VISIT),
    ),
    ("payment_refunded", CUSTOMER): Template(
        subject="Your refund from {{business_name}}: {{amount}}",
        heading="Your refund",
        body="{{greeting}}\n\n{{business_name}} has refunded a payment. {{note}}",
        details=(("Refunded", "{{amount}}"), ("Card", "{{card}}"), *_VISIT),
    ),
    ("payment_refunded", BUSINESS): Template(
        subject="Refunded: {{amount}} to {{customer_name}}",
        heading="Payment refunded",
        body="A payment of {{customer_name}} was refunded.",
        details=(("Refunded", "{{amount}}"), ("Card", "{{card}}"), *_WHO, *_VISIT),
    ),
}  # fmt: skip

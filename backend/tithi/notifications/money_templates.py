# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The built-in words about money, by template and reader."""

from tithi.notifications.rendering import Template
from tithi.notifications.template_parts import BUSINESS, CHARGED, CUSTOMER, VISIT, WHO

MONEY_TEMPLATES: dict[tuple[str, str], Template] = {
    ("payment_receipt", CUSTOMER): Template(
        subject="Your receipt from {{business_name}}",
        heading="Thank you for your visit",
        body="{{greeting}}\n\nYour visit is completed, and this is your receipt.",
        details=(("For", "{{lines}}"), *CHARGED, ("When", "{{when}}"), ("Booking number", "{{number}}")),
    ),
    ("payment_receipt", BUSINESS): Template(
        subject="Payment received: {{amount}} from {{customer_name}}",
        heading="Visit completed and paid",
        body="The visit of {{customer_name}} is completed and paid.",
        details=(("For", "{{lines}}"), *CHARGED, *WHO, ("When", "{{when}}"), ("Booking number", "{{number}}")),
    ),
    ("fee_receipt", CUSTOMER): Template(
        subject="Your receipt from {{business_name}}: {{fee}}",
        heading="Receipt for a fee",
        body="{{greeting}}\n\nBy the booking policy this fee was due, and it is paid.",
        details=(("For", "{{lines}}"), *CHARGED, *VISIT),
    ),
    ("fee_receipt", BUSINESS): Template(
        subject="{{fee}} received: {{amount}} from {{customer_name}}",
        heading="Fee received",
        body="{{customer_name}} has paid.",
        details=(("For", "{{lines}}"), *CHARGED, *WHO, *VISIT),
    ),
    ("deposit_receipt", CUSTOMER): Template(
        subject="Your deposit at {{business_name}}: {{amount}}",
        heading="Deposit received",
        body="{{greeting}}\n\nThank you for your deposit. It counts towards what you pay for your visit.",
        details=(("For", "{{lines}}"), *CHARGED, *VISIT),
    ),
    ("deposit_receipt", BUSINESS): Template(
        subject="Deposit received: {{amount}} from {{customer_name}}",
        heading="Deposit received",
        body="{{customer_name}} has paid the deposit for a visit.",
        details=(("For", "{{lines}}"), *CHARGED, *WHO, *VISIT),
    ),
    ("payment_needs_customer", CUSTOMER): Template(
        subject="Please approve your payment to {{business_name}}",
        heading="Your bank asks you to approve a payment",
        body=(
            "{{greeting}}\n\nYour bank did not let the payment through without you. Please open the link below to"
            " approve it or to use another card."
        ),
        details=(("Amount due", "{{amount}}"), *VISIT),
        link_label="Pay now",
    ),
    ("payment_needs_customer", BUSINESS): Template(
        subject="Payment waits for {{customer_name}}: {{amount}}",
        heading="A payment waits for the customer",
        body=(
            "The bank of {{customer_name}} asks for the customer's approval. The customer has been sent a link to pay,"
            " where an e-mail address is known. You can also take the money at the desk and record it."
        ),
        details=(("Amount due", "{{amount}}"), *WHO, *VISIT),
    ),
    ("card_wanted", CUSTOMER): Template(
        subject="Please give another card for your visit to {{business_name}}",
        heading="Your card will not do on the day",
        body=(
            "{{greeting}}\n\nThe card that was kept for your visit has expired by then, is gone, or could not be used."
            " Please open the link below to give another."
        ),
        details=(*VISIT, ("Until", "{{until}}")),
        link_label="Give another card",
    ),
    ("card_wanted", BUSINESS): Template(
        subject="Card wanted of {{customer_name}}",
        heading="A card will not do",
        body="The card of {{customer_name}} will not do on the day of the visit. They were asked for another.",
        details=(*WHO, *VISIT, ("Until", "{{until}}")),
    ),
    ("deposit_wanted", CUSTOMER): Template(
        subject="Please pay a deposit for your visit to {{business_name}}: {{amount}}",
        heading="A deposit for your visit",
        body=(
            "{{greeting}}\n\n{{business_name}} asks for a deposit for your visit. It counts towards what you pay."
            " Please open the link below to pay it by card."
        ),
        details=(("Deposit", "{{amount}}"), *VISIT),
        link_label="Pay the deposit",
    ),
    ("deposit_wanted", BUSINESS): Template(
        subject="Deposit asked of {{customer_name}}: {{amount}}",
        heading="A deposit was asked for",
        body="{{customer_name}} was asked for a deposit, with a link to pay it.",
        details=(("Deposit", "{{amount}}"), *WHO, *VISIT),
    ),
    ("card_missing", CUSTOMER): Template(
        subject="Your visit to {{business_name}} has no card",
        heading="No card was given",
        body="{{greeting}}\n\nNo card was given for your visit. {{note}}",
        details=VISIT,
        link_label="View your booking",
    ),
    ("card_missing", BUSINESS): Template(
        subject="No card of {{customer_name}}",
        heading="No card was given in time",
        body="{{customer_name}} has not given a card that will do. {{note}}",
        details=(*WHO, *VISIT),
    ),
    ("payment_due", CUSTOMER): Template(
        subject="Please pay {{business_name}}: {{amount}}",
        heading="Your payment",
        body="{{greeting}}\n\nThis amount is open. Please open the link below to pay it by card.",
        details=(("Amount due", "{{amount}}"), *VISIT),
        link_label="Pay now",
    ),
    ("payment_due", BUSINESS): Template(
        subject="Asked {{customer_name}} to pay {{amount}}",
        heading="The customer was asked to pay",
        body="{{customer_name}} was sent a link to pay, where an address is known, and is reminded until it is paid.",
        details=(("Amount due", "{{amount}}"), *WHO, *VISIT),
    ),
    ("payment_declined", CUSTOMER): Template(
        subject="Your payment to {{business_name}} did not go through",
        heading="Your card was declined",
        body="{{greeting}}\n\nYour card could not be charged. {{reason}} Please open the link below to give another.",
        details=(("Amount due", "{{amount}}"), ("Card", "{{card}}"), *VISIT),
        link_label="Pay with another card",
    ),
    ("payment_declined", BUSINESS): Template(
        subject="Card declined: {{amount}} of {{customer_name}}",
        heading="A card was declined",
        body=(
            "The card of {{customer_name}} could not be charged. {{reason}} The customer has been sent a link to give"
            " another card, where an address is known. You can also take the money at the desk and record it."
        ),
        details=(("Amount due", "{{amount}}"), ("Card", "{{card}}"), *WHO, *VISIT),
    ),
    ("payment_reminder", CUSTOMER): Template(
        subject="Reminder: {{amount}} is due to {{business_name}}",
        heading="A payment is still open",
        body="{{greeting}}\n\nThis amount is still open. Please open the link below to pay it by card.",
        details=(("Amount due", "{{amount}}"), *VISIT),
        closing="If you have paid in the meantime, please take this as settled.",
        link_label="Pay now",
    ),
    ("payment_reminder", BUSINESS): Template(
        subject="Reminded {{customer_name}} of {{amount}}",
        heading="The customer was reminded",
        body="{{customer_name}} still owes this and was reminded, where an address is known.",
        details=(("Amount due", "{{amount}}"), *WHO, *VISIT),
    ),
    ("payment_recovery_ended", CUSTOMER): Template(
        subject="{{amount}} is still due to {{business_name}}",
        heading="A payment could not be taken",
        body="{{greeting}}\n\nThis amount could not be taken. Please pay with the link below, or get in touch.",
        details=(("Amount due", "{{amount}}"), *VISIT),
        link_label="Pay now",
    ),
    ("payment_recovery_ended", BUSINESS): Template(
        subject="Not paid: {{amount}} of {{customer_name}}",
        heading="A payment was not recovered",
        body=(
            "Nothing more is tried to take this payment of {{customer_name}}. You can write it off, take the money at"
            " the desk, or keep the customer from booking online until they have paid."
        ),
        details=(("Amount due", "{{amount}}"), *WHO, *VISIT),
    ),
    ("payment_refunded", CUSTOMER): Template(
        subject="Your refund from {{business_name}}: {{amount}}",
        heading="Your refund",
        body="{{greeting}}\n\n{{business_name}} has refunded a payment. {{note}}",
        details=(("Refunded", "{{amount}}"), ("Card", "{{card}}"), *VISIT),
    ),
    ("payment_refunded", BUSINESS): Template(
        subject="Refunded: {{amount}} to {{customer_name}}",
        heading="Payment refunded",
        body="A payment of {{customer_name}} was refunded.",
        details=(("Refunded", "{{amount}}"), ("Card", "{{card}}"), *WHO, *VISIT),
    ),
}

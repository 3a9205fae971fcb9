# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The built-in words of what is told to the business alone, by template."""

from tithi.notifications.rendering import Template
from tithi.notifications.template_parts import VISIT, WHO

BUSINESS_TEMPLATES: dict[str, Template] = {
    "payout_account_withdrawn": Template(
        subject="Your Stripe account is disconnected from Tithi",
        heading="Cards cannot be charged any more",
        body=(
            "Tithi has no access to the Stripe account of {{business_name}} any more. No card can be charged or kept,"
            " and the cards that were kept are out of reach. Bookings go on, without a card."
        ),
        details=(("Visits ahead whose card is out of reach", "{{count}}"), ("Since", "{{when}}")),
        closing=(
            "Connect an account again: cards that are still on it can be charged as before, and the customers of the"
            " other visits are asked for a card then. Nobody is asked before."
        ),
        link_label="Connect an account",
    ),
    "payout_account_restricted": Template(
        subject="Your Stripe account is restricted",
        heading="Stripe has restricted your account",
        body="Stripe needs something from you.\n\n{{note}}",
        details=(("Things to give", "{{count}}"), ("Until", "{{until}}")),
        link_label="Complete your account",
    ),
    "payout_account_requirements_due": Template(
        subject="Stripe needs something from you",
        heading="Your Stripe account needs attention",
        body="Everything works. So that it goes on, Stripe asks you for something more.",
        details=(("Things to give", "{{count}}"), ("Until", "{{until}}")),
        link_label="Complete your account",
    ),
    "payment_disputed": Template(
        subject="{{customer_name}} disputes a payment of {{amount}}",
        heading="A payment is disputed",
        body=(
            "The bank of {{customer_name}} takes a payment back, unless you show that it was right. {{reason}}"
            "\n\nYou can answer once. What Tithi knows of the visit and of what was agreed is gathered for you."
        ),
        details=(("Amount", "{{amount}}"), ("Answer until", "{{until}}"), *WHO, *VISIT),
        closing="Without an answer by then the bank decides for its customer.",
        link_label="Look at the evidence and send it",
    ),
    "payment_dispute_won": Template(
        subject="Dispute won: {{amount}} of {{customer_name}}",
        heading="The bank decided for you",
        body="The money is back on your Stripe balance.",
        details=(("Amount", "{{amount}}"), *WHO, *VISIT),
        link_label="Look at the dispute",
    ),
    "payment_dispute_lost": Template(
        subject="Dispute lost: {{amount}} of {{customer_name}}",
        heading="The bank decided for its customer",
        body="The money stays with {{customer_name}}. Nothing more can be done at the bank.",
        details=(("Amount", "{{amount}}"), *WHO, *VISIT),
        link_label="Look at the dispute",
    ),
    "payment_refund_failed": Template(
        subject="Refund of {{amount}} to {{customer_name}} came back",
        heading="A refund did not arrive",
        body=(
            "The bank of {{customer_name}} has sent a refund back, and the money is on your Stripe balance again. The"
            " credit note is taken back. Give the money in another way, or try the refund once more."
        ),
        details=(("Amount", "{{amount}}"), *WHO, *VISIT),
    ),
    "subscription_trial_ending": Template(
        subject="Your trial of Tithi ends on {{until}}",
        heading="Your trial ends soon",
        body="The trial of {{business_name}} ends on {{until}}. {{note}}",
        details=(("Ends on", "{{until}}"), ("Each month after that", "{{price}}")),
        link_label="Your subscription",
    ),
    "subscription_past_due": Template(
        subject="Your payment to Tithi did not go through",
        heading="A payment did not go through",
        body=(
            "The card of {{business_name}} could not be charged. The payment is tried again. Everything works for two"
            " weeks; enter a card that works to go on after that."
        ),
        details=(
            ("Owed", "{{amount}}"),
            ("No new bookings from", "{{before}}"),
            ("Reading only from", "{{until}}"),
        ),
        link_label="Enter another card",
    ),
    "subscription_limit_near": Template(
        subject="From {{until}} on your business is limited",
        heading="A payment is still open",
        body="From {{until}} on {{note}}, unless what is owed is paid before.",
        details=(("Owed", "{{amount}}"), ("From", "{{until}}")),
        closing="Visits that are booked stay booked, and can be completed, charged and canceled.",
        link_label="Pay what is owed",
    ),
    "subscription_paused": Template(
        subject="Your subscription to Tithi is paused",
        heading="Your subscription is paused",
        body=(
            "Everything of {{business_name}} can be read, and nothing can be booked or changed. Visits that are booked"
            " stay booked, and can be completed, charged and canceled.\n\n{{note}}"
        ),
        details=(("Owed", "{{amount}}"),),
        link_label="Your subscription",
    ),
    "subscription_canceled": Template(
        subject="Your subscription to Tithi has ended",
        heading="Your subscription has ended",
        body=(
            "Everything of {{business_name}} can still be read, and nothing can be booked or changed. Visits that are"
            " booked stay booked, and can be completed, charged and canceled.\n\n{{note}}"
        ),
        details=(),
        link_label="Your subscription",
    ),
}

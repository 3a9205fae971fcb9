# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What is told to the business alone."""

from datetime import datetime
from uuid import UUID

from tithi.bookings import queries as bookings
from tithi.delivery import service as delivery
from tithi.notifications import rendering
from tithi.notifications.business_templates import BUSINESS_TEMPLATES
from tithi.notifications.service.visits import PLATFORM_NAME, visit_of
from tithi.notifications.template_parts import BUSINESS
from tithi.payments import dispute_queries as disputes
from tithi.payments import dispute_reasons
from tithi.payments import queries as payments
from tithi.platform.links import public_url
from tithi.tenants import queries as tenants

PAYOUTS_PAGE = "/admin/payouts"
DISPUTES_PAGE = "/admin/disputes"
NO_CARDS = "Until then no card can be charged or kept."
NO_PAYOUTS = "Until then your money is not paid out."


def tell_account_withdrawn(*, account_id: UUID, at: datetime) -> None:
    """Say that the account is gone and how many visits it concerns."""
    said = {
        "count": str(len(bookings.ids_lacking_card())),
        "when": rendering.moment(at, tenants.first_location().timezone),
        "link": public_url(PAYOUTS_PAGE),
    }
    mail_business("payout_account_withdrawn", said, key=f"{account_id}:{at.isoformat()}")


def tell_account_restricted(*, account_id: UUID, banner: str, at: datetime) -> None:
    """Say what does not work and what is asked for; not when it was given meanwhile."""
    shown = payments.show_payout_account()
    if shown["banner"] != banner:
        return
    due_by = shown["requirements_due_by"]
    lacking = ((shown["card_payments"], NO_CARDS), (shown["payouts"], NO_PAYOUTS))
    said = {
        "count": str(shown["requirements_due"] or ""),
        "note": " ".join(words for status, words in lacking if status != "active"),
        "until": rendering.moment(due_by, tenants.first_location().timezone) if due_by else "",
        "link": public_url(PAYOUTS_PAGE),
    }
    mail_business(f"payout_account_{banner}", said, key=f"{account_id}:{at.isoformat()}")


def tell_disputed(*, booking_id: UUID, dispute_id: UUID) -> None:
    """Say what is disputed, why, and until when it can be answered."""
    dispute = disputes.get_dispute(dispute_id)
    visit = visit_of(booking_id)
    said = _said_of(dispute_id) | {
        "reason": dispute_reasons.in_words(dispute.reason),
        "until": rendering.moment(dispute.due_by, visit.shown["timezone"]) if dispute.due_by else "",
    }
    mail_business("payment_disputed", visit.values | said, key=str(dispute_id), subject_id=booking_id)


def tell_dispute_closed(*, booking_id: UUID, dispute_id: UUID, is_won: bool) -> None:
    said = visit_of(booking_id).values | _said_of(dispute_id)
    template = "payment_dispute_won" if is_won else "payment_dispute_lost"
    mail_business(template, said, key=str(dispute_id), subject_id=booking_id)


def tell_refund_failed(*, booking_id: UUID, refund_id: UUID) -> None:
    """Say that money which was given back has returned, so that it can be given in another way."""
    visit = visit_of(booking_id)
    said = {"amount": visit.money(payments.get_refund(refund_id).amount_cents)}
    mail_business("payment_refund_failed", visit.values | said, key=str(refund_id), subject_id=booking_id)


def _said_of(dispute_id: UUID) -> dict[str, str]:
    dispute = disputes.get_dispute(dispute_id)
    return {
        "amount": rendering.money(dispute.amount_cents, dispute.currency),
        "link": public_url(f"{DISPUTES_PAGE}/{dispute_id}"),
    }


def mail_business(template: str, said: dict[str, str], *, key: str, subject_id: UUID | None = None) -> None:
    """Queue a template for the business, once for each key; `subject_id` is the visit that it is about."""
    tenant = tenants.get_tenant()
    values = dict.fromkeys(rendering.PLACEHOLDERS, "") | {"business_name": rendering.one_line(tenant.name)} | said
    mail = rendering.render(BUSINESS_TEMPLATES[template], values)
    delivery.queue_email(
        delivery.OutgoingEmail(
            recipient=BUSINESS,
            template=template,
            subject_id=subject_id,
            to_address=tenant.email,
            from_name=PLATFORM_NAME,
            reply_to=None,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            dedupe_key=f"{template}:{key}",
        )
    )

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A gift card on its way to its recipient."""

from datetime import datetime
from uuid import UUID

from tithi.delivery import service as delivery
from tithi.notifications import rendering
from tithi.notifications.service.visits import PLATFORM_NAME
from tithi.notifications.template_parts import BUSINESS, CUSTOMER
from tithi.notifications.templates import TEMPLATES
from tithi.promotions.queries import gift_cards
from tithi.tenants import queries as tenants

TEMPLATE = "gift_card"


def send_gift_card(*, sale_id: UUID, handed_over_at: datetime) -> None:
    """Send the code with what it is worth and what its sender wrote; the business is told without the code."""
    sale, shown = gift_cards.get_sale(sale_id), gift_cards.show_sale(sale_id)
    if sale.recipient_email is None:
        return
    tenant, place = tenants.get_tenant(), tenants.first_location()
    expires_at = shown["expires_at"]
    values = dict.fromkeys(rendering.PLACEHOLDERS, "") | {
        "customer_name": rendering.one_line(sale.recipient_name or sale.recipient_email),
        "customer_email": sale.recipient_email,
        "greeting": rendering.greeting(sale.recipient_name or ""),
        "business_name": rendering.one_line(tenant.name),
        "actor": rendering.one_line(sale.sender_name or tenant.name),
        "note": sale.message or "",
        "amount": _worth(shown["initial_cents"], shown["basis_points"], shown["currency"]),
        "number": gift_cards.code_of_sale(sale),
        "until": rendering.day(expires_at, place.timezone) if expires_at else "",
    }
    for recipient, to_address, from_name, reply_to in (
        (CUSTOMER, sale.recipient_email, values["business_name"], tenant.email),
        (BUSINESS, tenant.email, PLATFORM_NAME, sale.recipient_email),
    ):
        mail = rendering.render(TEMPLATES[TEMPLATE, recipient], values)
        delivery.queue_email(
            delivery.OutgoingEmail(
                recipient=recipient,
                template=TEMPLATE,
                subject_id=None,
                to_address=to_address,
                from_name=from_name,
                reply_to=reply_to,
                subject=mail.subject,
                text=mail.text,
                html=mail.html,
                dedupe_key=f"{sale_id}:{TEMPLATE}:{recipient}:{handed_over_at.isoformat()}",
            )
        )


def _worth(amount_cents: int | None, basis_points: int | None, currency: str) -> str:
    if amount_cents is not None:
        return rendering.money(amount_cents, currency)
    return f"{(basis_points or 0) / 100:g} % off one visit"

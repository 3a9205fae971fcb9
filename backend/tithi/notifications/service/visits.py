# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""One function for each thing that is told; each runs in its caller's transaction and may run twice."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tithi.bookings import queries as bookings
from tithi.bookings import waitlist_queries as waitlist
from tithi.delivery import service as delivery
from tithi.integrations.email.contract import Attachment
from tithi.notifications import calendar_file, rendering, templates
from tithi.notifications.template_parts import BUSINESS, CUSTOMER
from tithi.notifications.templates import TEMPLATES
from tithi.payments import queries as payments
from tithi.platform import clock
from tithi.tenants import queries as tenants

PLATFORM_NAME = "Tithi"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A booking as the API shows it, whose it is, and what templates may say of it."""

    booking_id: UUID
    shown: dict[str, Any]
    business_name: str
    business_email: str
    values: dict[str, str]

    def money(self, amount_cents: int) -> str:
        return rendering.money(amount_cents, self.shown["currency"])


def tell_received(*, booking_id: UUID) -> None:
    """Say that a booking came in; the visits of a series are told together."""
    visit = visit_of(booking_id)
    if visit.shown["series_id"] is not None:
        return
    note = templates.WHAT_FOLLOWS.get(visit.shown["status"], "")
    if visit.shown["status"] == "pending" and visit.shown["awaits_approval"]:
        note = templates.ASKED
    queue(visit, "booking_received", {"note": note})


def tell_confirmed(*, booking_id: UUID) -> None:
    """Send the confirmation with its calendar file; not for a visit that was called off meanwhile.

    The visits of a series are told together.
    """
    visit = visit_of(booking_id)
    if visit.shown["series_id"] is not None or visit.shown["status"] in {"canceled", "failed"}:
        return
    queue(visit, "booking_confirmed", {}, attachment=calendar_file_of(visit))


def tell_completed(*, booking_id: UUID) -> None:
    """Say thanks where nothing was paid; what is paid, by card or at the desk, has a receipt or a pay link."""
    visit = visit_of(booking_id)
    payment_id = visit.shown["payment_id"]
    is_charged = payment_id is not None and payments.latest_attempt(payment_id) is not None
    if is_charged or visit.shown["captured_cents"]:
        return
    owes = visit.shown["payment_status"] != "canceled"
    queue(visit, "booking_completed", {"total": visit.money(visit.shown["due_cents"]) if owes else ""})


def tell_no_show(*, booking_id: UUID) -> None:
    visit = visit_of(booking_id)
    fee = _fee(visit, "no_show")
    queue(visit, "booking_no_show", {"amount": fee, "note": "" if fee else templates.NOTHING_CHARGED})


def tell_canceled(*, booking_id: UUID) -> None:
    visit = visit_of(booking_id)
    fee = _fee(visit, "late_cancel")
    queue(
        visit,
        "booking_canceled",
        {
            "amount": fee,
            "note": "" if fee else templates.NOTHING_CHARGED,
            "actor": "the customer" if visit.shown["canceled_by"] == CUSTOMER else visit.business_name,
            "reason": visit.shown["cancel_reason"] or "",
        },
    )


def tell_failed(*, booking_id: UUID) -> None:
    queue(visit_of(booking_id), "booking_failed", {})


def tell_offered(*, offer_id: UUID) -> None:
    """Tell a customer of the waitlist which time is kept for them; not of an offer that has ended meanwhile."""
    offer = waitlist.offer_to_tell(offer_id)
    if offer is None:
        return
    tenant = tenants.get_tenant()
    one_line = rendering.one_line
    name, zone = one_line(offer["display_name"]), offer["timezone"]
    said = {
        "business_name": one_line(tenant.name),
        "customer_name": name,
        "customer_email": offer["email"] or "",
        "customer_phone": offer["phone"] or "",
        "greeting": rendering.greeting(name),
        "link": offer["link"],
        "place": ", ".join(
            filter(None, (one_line(offer["location_name"]), rendering.postal_address(offer["address"])))
        ),
        "service": one_line(offer["service_name"]),
        "team_member": one_line(offer["team_member_name"]),
        "until": rendering.moment(offer["expires_at"], zone),
        "when": rendering.period(offer["starts_at"], offer["ends_at"], zone),
    }
    _mail(
        "waitlist_offered",
        dict.fromkeys(rendering.PLACEHOLDERS, "") | said,
        business_email=tenant.email,
        subject_id=None,
        key=(offer_id, None),
    )


def visit_of(booking_id: UUID) -> Visit:
    shown = bookings.show_booking(booking_id)
    tenant = tenants.get_tenant()
    location = tenants.get_location(shown["location_id"])
    customer, items = shown["customer"], booked_items(shown)
    one_line = rendering.one_line
    name = one_line(customer["display_name"])
    values = {
        "business_name": one_line(tenant.name),
        "customer_name": name,
        "customer_email": customer["email"] or "",
        "customer_phone": customer["phone"] or "",
        "greeting": rendering.greeting(name),
        "link": bookings.customer_link(booking_id),
        "number": shown["confirmation_number"],
        "place": ", ".join(filter(None, (one_line(location.name), rendering.postal_address(location.address)))),
        "price": rendering.money(shown["amount_cents"], shown["currency"]) if shown["amount_cents"] else "",
        "requests": shown["special_requests"] or "",
        "service": one_line(", ".join(item["service_name"] for item in items)),
        "team_member": one_line(", ".join(dict.fromkeys(item["team_member_name"] for item in items))),
        "when": rendering.period(shown["start_time"], shown["end_time"], shown["timezone"]),
    }
    return Visit(
        booking_id=booking_id,
        shown=shown,
        business_name=values["business_name"],
        business_email=tenant.email,
        values=dict.fromkeys(rendering.PLACEHOLDERS, "") | values,
    )


def booked_items(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """The services of a visit without those that were taken out of it."""
    return [item for item in shown["items"] if item["status"] == "booked"]


def queue(
    visit: Visit,
    template: str,
    said: dict[str, str],
    *,
    about: UUID | None = None,
    attachment: Attachment | None = None,
) -> None:
    """Queue the template for the customer and for the business; `about` tells apart what one booking has several of."""
    _mail(
        template,
        visit.values | said,
        business_email=visit.business_email,
        subject_id=visit.booking_id,
        key=(visit.booking_id, about),
        attachment=attachment,
    )


def _mail(
    template: str,
    values: dict[str, str],
    *,
    business_email: str,
    subject_id: UUID | None,
    key: tuple[UUID, UUID | None],
    attachment: Attachment | None = None,
) -> None:
    """Queue the template for those of its two readers who have an address, once for each key."""
    customer_email = values["customer_email"] or None
    readers = (
        (CUSTOMER, customer_email, values["business_name"], business_email),
        (BUSINESS, business_email, PLATFORM_NAME, customer_email),
    )
    first, about = key
    if not customer_email:
        _text(template, values, subject_id=subject_id, key=key)
    for recipient, to_address, from_name, reply_to in readers:
        if not to_address:
            continue
        mail = rendering.render(TEMPLATES[template, recipient], values)
        dedupe_key = f"{first}:{template}:{recipient}"
        delivery.queue_email(
            delivery.OutgoingEmail(
                recipient=recipient,
                template=template,
                subject_id=subject_id,
                to_address=to_address,
                from_name=from_name,
                reply_to=reply_to,
                subject=mail.subject,
                text=mail.text,
                html=mail.html,
                dedupe_key=f"{dedupe_key}:{about}" if about else dedupe_key,
                attachments=(attachment,) if attachment else (),
            )
        )


def _text(template: str, values: dict[str, str], *, subject_id: UUID | None, key: tuple[UUID, UUID | None]) -> None:
    """A customer without an e-mail address is told by text message, where those are switched on."""
    phone = values["customer_phone"]
    if not phone or not delivery.can_text():
        return
    first, about = key
    mail = rendering.render(TEMPLATES[template, CUSTOMER], values)
    dedupe_key = f"{first}:{template}:{CUSTOMER}"
    delivery.queue_text(
        delivery.OutgoingText(
            recipient=CUSTOMER,
            template=template,
            subject_id=subject_id,
            to_e164=phone,
            from_name=values["business_name"],
            subject=mail.subject,
            text=rendering.short(mail.subject, values["when"], values["link"]),
            dedupe_key=f"{dedupe_key}:{about}" if about else dedupe_key,
        )
    )


def _fee(visit: Visit, reason: str) -> str:
    """What the outcome costs, or nothing where it costs nothing or was waived."""
    shown = visit.shown
    if shown["payment_reason"] != reason or shown["payment_status"] == "canceled":
        return ""
    return visit.money(shown["due_cents"])


def calendar_file_of(*visits: Visit) -> Attachment:
    content = calendar_file.build(*(_entry(visit) for visit in visits))
    return Attachment(filename=calendar_file.FILENAME, content_type=calendar_file.CONTENT_TYPE, content=content)


def _entry(visit: Visit) -> calendar_file.CalendarEntry:
    values = visit.values
    return calendar_file.CalendarEntry(
        booking_id=visit.booking_id,
        version=visit.shown["version"],
        starts_at=visit.shown["start_time"],
        ends_at=visit.shown["end_time"],
        summary=f"{values['service']} at {visit.business_name}",
        location=values["place"],
        description=f"Booking number {values['number']}",
        organizer_name=visit.business_name,
        organizer_email=visit.business_email,
        stamped_at=clock.now(),
    )

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A salon to try things on: loaded once, through the same services that the API calls."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tithi.availability import service as availability
from tithi.availability import slots
from tithi.bookings import service as bookings
from tithi.catalog import service as catalog
from tithi.identity import service as identity
from tithi.integrations.identity.contract import AccountExistsError
from tithi.payments import queries as payment_queries
from tithi.payments import service as payments
from tithi.platform import clock
from tithi.platform.db import transaction
from tithi.platform.ids import new_id
from tithi.platform.pipeline import ports
from tithi.platform.tenancy import tenant_scope
from tithi.resources import service as resources
from tithi.team import service as team
from tithi.tenants import queries as tenant_queries
from tithi.tenants import service as tenants

SLUG = "glow"
ZONE = "America/New_York"
OWNER_EMAIL = "owner@glow.example"
PASSWORD = "open-sesame-glow"  # noqa: S105 - the demo's own, printed for whoever runs it
ACCOUNT = {"tithi_sandbox_onboarding": "instant"}
HOURS = [
    {"weekday": weekday, "start_minute": start, "end_minute": end}
    for weekday in range(1, 7)
    for start, end in ((9 * 60, 13 * 60), (14 * 60, 19 * 60))
]
TEAM = (("Mia", "Rossi"), ("Leo", "Park"))
CATEGORIES: dict[str, tuple[dict[str, Any], ...]] = {
    "Hair": (
        {"name": "Cut", "duration_min": 45, "price_cents": 5500, "buffer_after_min": 5},
        {
            "name": "Colour",
            "short_description": "Half an hour of it the colour works by itself.",
            "price_cents": 14000,
            "buffer_after_min": 10,
            "segments": [
                {"kind": "work", "duration_min": 60},
                {"kind": "processing", "duration_min": 30},
                {"kind": "finish", "duration_min": 30},
            ],
        },
    ),
    "Body": (
        {"name": "Massage", "duration_min": 60, "price_cents": 9000, "buffer_after_min": 15},
        {"name": "Yoga", "kind": "class", "duration_min": 60, "price_cents": 1800, "capacity": 8, "online_capacity": 6},
    ),
}
ROOM = "Quiet room"
STUDIO = "Studio"
YOGA_WEEKS = 8
YOGA_MINUTE = 19 * 60 + 15
WAITING = {"name": "Ines Weber", "email": "ines@example.com", "phone": "+12125550123"}


def load() -> str:
    """Load the demo business if it is not there, and say how to use it."""
    found = tenant_queries.directory.by_slug(SLUG)
    tenant_id = found.id if found else _fill()
    settings = ports().settings
    base = f"{settings.public_scheme}://{settings.base_domain}"
    return "\n".join(
        (
            f"Demo salon    {settings.public_scheme}://{SLUG}.{settings.base_domain}/api/v1/public/info",
            f"Tenant id     {tenant_id}",
            f"Owner         {OWNER_EMAIL}  password {PASSWORD}",
            f"Sign in       curl -s {base}/api/v1/auth/login -H 'Content-Type: application/json' \\",
            f'                -d \'{{"email": "{OWNER_EMAIL}", "password": "{PASSWORD}"}}\'',
            f"Services      curl -s {base}/api/v1/public/{SLUG}/services",
            "Book          see README.md: the walk through a booking works as pasted",
            *_money(tenant_id),
        )
    )


def _money(tenant_id: UUID) -> tuple[str, ...]:
    """How to see the salon's money; nothing is said where the key is not the sandbox's own."""
    settings = ports().settings
    with tenant_scope(tenant_id), transaction():
        account = payment_queries.payout_account()
        reference = account.account_ref if account else None
    if reference is None or settings.stripe_api_base is None:
        return ()
    return (
        f"Stripe        account {reference}",
        f"Money         curl -s {settings.stripe_api_base}/v1/balance_transactions \\",
        f"                -u {settings.stripe_secret_key}: -H 'Stripe-Account: {reference}'",
    )


def _fill() -> UUID:
    owner_id = _owner()
    tenant_id = new_id()
    with tenant_scope(tenant_id, actor=f"user:{owner_id}", user_id=owner_id):
        with transaction():
            tenants.create(tenant_id=tenant_id, details=_business())
            identity.add_member(tenant_id=tenant_id, user_id=owner_id, role="owner")
            members = [team.add(details={"first_name": first, "last_name": last}) for first, last in TEAM]
            for member in members:
                availability.set_weekly_hours(member_id=member.id, hours=HOURS)
            made = dict(_services())
        payments.begin_onboarding(refresh_url=_page(), return_url=_page(), metadata=ACCOUNT)
        with transaction():
            tenants.update(details={"status": "active"}, expected_version=None)
            _yoga(made["Yoga"], members[0].id)
            _somebody_waits(made["Cut"])
    return tenant_id


def _services() -> Iterator[tuple[str, UUID]]:
    """The catalog; a massage needs the quiet room."""
    room = resources.create(kind="room", name=ROOM)
    for name, services in CATEGORIES.items():
        category = catalog.create_category(details={"name": name})
        for service in services:
            needs = [{"resource_ids": [room.id]}] if service["name"] == "Massage" else []
            made = catalog.create_service(details={**deepcopy(service), "category_id": category.id, "needs": needs})
            yield service["name"], made["id"]


def _yoga(service_id: UUID, member_id: UUID) -> None:
    """A class every week, after closing time of the second day from now."""
    studio = resources.create(kind="room", name=STUDIO, capacity=1)
    day = (clock.now() + timedelta(days=2)).astimezone(ZoneInfo(ZONE)).date()
    starts_at = slots.from_epoch_minute(slots.epoch_minute(ZONE, day.toordinal(), YOGA_MINUTE))
    details = {
        "service_id": service_id,
        "team_member_id": member_id,
        "room_id": studio.id,
        "starts_at": starts_at,
    }
    bookings.schedule_class(details=details, weeks=YOGA_WEEKS)


def _somebody_waits(service_id: UUID) -> None:
    first = (clock.now() + timedelta(days=1)).date()
    wish = {"service_id": service_id, "first_date": first, "last_date": first + timedelta(days=13)}
    bookings.join_waitlist(wish=wish, customer_id=None, customer=WAITING, by_staff=False)


def _owner() -> UUID:
    try:
        opened = identity.identities().provider.sign_up(
            email=OWNER_EMAIL, password=PASSWORD, metadata={"first_name": "Gloria", "last_name": "Lund"}
        )
    except AccountExistsError:
        opened = identity.identities().provider.sign_in(email=OWNER_EMAIL, password=PASSWORD)
    if opened is None:
        raise RuntimeError(OWNER_EMAIL)
    return UUID(opened.subject)


def _business() -> dict[str, Any]:
    return {
        "slug": SLUG,
        "name": "Glow Studio",
        "email": "hello@glow.example",
        "description": "Hair and body, by appointment.",
        "category": "Beauty",
        "country": "US",
        "currency": "USD",
        "location": {
            "name": "Main Street",
            "timezone": ZONE,
            "address": {"street": "1 Main Street", "city": "New York", "country": "US"},
        },
    }


def _page() -> str:
    settings = ports().settings
    return f"{settings.public_scheme}://{settings.base_domain}/api/docs"

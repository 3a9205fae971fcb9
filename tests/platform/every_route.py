# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Every route of every room, with where it takes ids, and how to ask it sensibly."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

from marshmallow import Schema, fields

from tests.factories.businesses import Answer, Member, Salon
from tests.factories.records import Records
from tithi import wiring
from tithi.platform.http import Endpoint

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
Place = Literal["path", "body", "query"]

# The name of a record's kind where an id's own name differs from it.
KIND_OF_NAME = {
    "team_member_id": "member_id",
    "team_member_ids": "member_id",
    "booking_ids": "booking_id",
    "add_on_ids": "add_on_id",
    "service_ids": "service_id",
    "category_ids": "category_id",
}


@dataclass(frozen=True, slots=True)
class Route:
    endpoint: Endpoint
    path: str

    def __str__(self) -> str:
        return f"{self.endpoint.method} {self.path}"

    def url(self, values: Records) -> str:
        return PARAMETER.sub(lambda found: values[found.group(1)], self.path)

    def path_names(self) -> list[str]:
        return PARAMETER.findall(self.path)


@dataclass(frozen=True, slots=True)
class IdPlace:
    """One place of one route that takes the id of a record."""

    route: Route
    place: Place
    name: str

    def __str__(self) -> str:
        return f"{self.route} {self.place}:{self.name}"

    @property
    def kind(self) -> str:
        return KIND_OF_NAME.get(self.name, self.name)

    @property
    def is_scope(self) -> bool:
        """Whether the name says at whose public site we are, and not which of its records is meant."""
        is_public = self.route.endpoint.access in {"public", "anyone", "link"}
        return self.name == "slug" or (self.name == "tenant_id" and is_public)


def routes() -> list[Route]:
    return [
        Route(endpoint, endpoint.path if room.root else f"/api/v1{endpoint.path}")
        for room in wiring.rooms()
        for endpoint in room.endpoints
    ]


def id_places() -> Iterator[IdPlace]:
    for route in routes():
        yield from (IdPlace(route, "path", name) for name in route.path_names())
        yield from (IdPlace(route, "body", name) for name in _ids_of(route.endpoint.body))
        yield from (IdPlace(route, "query", name) for name in _ids_of(route.endpoint.query))


def _ids_of(schema: Schema | None) -> list[str]:
    return [name for name, field in schema.fields.items() if _is_id(field)] if schema else []


def _is_id(field: fields.Field[Any]) -> bool:
    return isinstance(field, fields.UUID) or (isinstance(field, fields.List) and isinstance(field.inner, fields.UUID))


def body_for(route: Route, salon: Salon, own: Records) -> dict[str, Any]:
    """A body that the route's schema accepts, with ids of the business's own records.

    Raises:
        KeyError: the schema is not listed here.
    """
    if route.endpoint.body is None:
        return {}
    visit = {"service_id": str(salon.service_id), "start_time": salon.slot(days=30, hour=14).isoformat()}
    days = {"service_id": str(salon.service_id), "start_date": "2030-01-07", "end_date": "2030-01-08"}
    wish = {"service_id": str(salon.service_id), "first_date": "2030-01-07", "last_date": "2030-01-08"}
    customer = {"name": "Jane Doe", "email": "jane@example.com"}
    hours = {"day_of_week": 1, "start_time": "09:00", "end_time": "17:00"}
    bodies: dict[str, dict[str, Any]] = {
        "TenantChange": {"name": "Salon"},
        "PolicyChange": {"min_notice_minutes": 0},
        "LocationIn": {"name": "Second", "timezone": "Europe/Berlin"},
        "LocationChange": {"name": "Main"},
        "RegisterIn": {},
        "LoginIn": {},
        "RefreshIn": {},
        "TenantIn": {},
        "SwitchTenantIn": {"tenant_id": own["tenant_id"]},
        "MemberIn": {"first_name": "Bo", "last_name": "Li"},
        "MemberChange": {"bio": "Cuts."},
        "CustomerIn": {"display_name": "Jo", "email": f"{uuid4().hex}@example.com"},
        "CustomerChange": {"notes": "Tea."},
        "CategoryIn": {"name": "Nails"},
        "CategoryChange": {"name": "Nails"},
        "ServiceIn": {"name": "Wash", "duration_min": 30, "price_cents": 1000},
        "ServiceChange": {"description": "Short."},
        "SearchIn": days,
        "FlowSearchIn": {**days, "tenant_id": own["tenant_id"]},
        "WeeklyHoursIn": {"availability": [hours]},
        "RuleIn": {**hours, "resource_id": own["resource_id"]},
        "RuleChange": {"start_time": "10:00"},
        "ExceptionIn": {"kind": "closed", "starts_local": "2030-01-07T10:00:00", "ends_local": "2030-01-07T11:00:00"},
        "ExceptionChange": {"reason": "Training."},
        "TimeOffIn": {"starts_local": "2030-01-07T10:00:00", "ends_local": "2030-01-07T11:00:00"},
        "BlockIn": {
            "resource_id": own["resource_id"],
            "start_time": salon.slot(days=41).isoformat(),
            "end_time": salon.slot(days=41, hour=12).isoformat(),
        },
        "ResourceIn": {"kind": "room", "name": "Cabin"},
        "ResourceChange": {"capacity": 2},
        "AddOnIn": {"name": "Mask", "price_cents": 1500},
        "AddOnChange": {"price_cents": 1600},
        "TaxRateIn": {"name": "VAT", "basis_points": 700, "is_inclusive": True},
        "TaxRateChange": {"name": "Value added tax"},
        "CouponIn": {"code": f"C{uuid4().hex[:12]}", "kind": "percent", "value": 1000},
        "CouponChange": {"max_uses": 50},
        "CouponCheckIn": {"code": "RECORDED", "service_ids": [str(salon.service_id)]},
        "StaffCouponCheckIn": {"code": "RECORDED", "service_ids": [str(salon.service_id)]},
        "PackageIn": {
            "name": "Three cuts",
            "price_cents": 12000,
            "session_count": 3,
            "service_ids": [str(salon.service_id)],
        },
        "PackageChange": {"price_cents": 11000},
        "PackageSaleIn": {"customer_id": own["customer_id"]},
        "ReferralProgramIn": {"kind": "percent", "value": 1000},
        "ReferralCodeIn": {"customer_id": own["customer_id"]},
        "GiftCardIn": {"amount_cents": 5000},
        "GiftCardVoidIn": {},
        "GiftCardSendIn": {"recipient_email": "ada@example.com"},
        "GiftCardBalanceIn": {"code": "AAAA-BBBB-CCCC-DDDD"},
        "PublicQuoteIn": visit,
        "StaffQuoteIn": visit,
        "SchedulingChange": {"min_gap_minutes": 0},
        "StaffBookingIn": {**visit, "customer_info": customer},
        "PublicBookingIn": {**visit, "customer_info": customer},
        "FlowBookingIn": {**visit, "customer_info": customer, "tenant_id": own["tenant_id"]},
        "HoldIn": visit,
        "CardIn": {},
        "CartSearchIn": days,
        "ExplainIn": visit,
        "HoldChange": {"minutes": 20},
        "MoveIn": {"start_time": visit["start_time"]},
        "OwnMoveIn": {"start_time": visit["start_time"]},
        "ItemCancelIn": {},
        "SeriesIn": {**visit, "customer_info": customer, "rule": {"frequency": "weekly", "count": 2}},
        "SeriesMoveIn": {"booking_id": own["booking_id"], "scope": "one", "start_time": visit["start_time"]},
        "SeriesCancelIn": {"booking_id": own["booking_id"], "scope": "one"},
        "OutcomeIn": {},
        "DepositIn": {},
        "TipIn": {"tip_cents": 500},
        "BalanceIn": {},
        "CompleteIn": {},
        "ReasonIn": {"reason": "A favour"},
        "CustomerBlockIn": {"reason": "Owes for a visit"},
        "CancelIn": {},
        "RefundIn": {},
        "BookingRefundIn": {"booking_id": own["booking_id"]},
        "CheckoutIn": {"booking_id": own["booking_id"]},
        "BookingRefIn": {"booking_id": own["booking_id"]},
        "CashIn": {"booking_id": own["booking_id"]},
        "BookingChange": {"attendee_count": 1},
        "BulkIn": {"action": "confirm", "booking_ids": [own["booking_id"]]},
        "MessageIn": {"booking_ids": [own["booking_id"]], "subject": "Hello", "message": "See you."},
        "PublicWishIn": {**wish, "customer_info": customer},
        "StaffWishIn": {**wish, "customer_info": customer},
        "OfferIn": {"start_time": visit["start_time"], "team_member_id": own["member_id"]},
        "AcceptIn": {},
        "ClassSessionIn": {
            **visit,
            "team_member_id": own["member_id"],
        },
        "ClassSessionChange": {"price_cents": 1200},
        "ClassCancelIn": {},
        "StaffSeatsIn": {"customer_info": customer},
        "PublicSeatsIn": {"customer_info": customer},
        "ReconciliationIn": {},
        "EvidenceIn": {},
        "BreakResolutionIn": {"reason": "Recorded by hand."},
        "SubscriptionCardIn": {},
        "ConfirmIn": {"tenant_id": own["tenant_id"], "confirmation_number": "ABCDEFGH"},
    }
    return dict(bodies[type(route.endpoint.body).__name__])


def query_for(route: Route, salon: Salon, own: Records) -> dict[str, str]:
    """The query that the route needs."""
    needed = {
        "service_id": str(salon.service_id),
        "start_date": "2030-01-07",
        "end_date": "2030-01-08",
        "date": "2030-01-07",
        "booking_id": own["booking_id"],
    }
    found = route.endpoint.query.fields if route.endpoint.query else {}
    return {name: needed[name] for name, field in found.items() if field.required}


def ask(
    route: Route,
    salon: Salon,
    member: Member | None,
    *,
    values: Records,
    body: dict[str, Any] | None = None,
    query: dict[str, str] | None = None,
) -> Answer:
    """Send the request, with a fresh idempotency key where the route takes one."""
    key = None if route.endpoint.idempotent == "no" else str(uuid4())
    more: dict[str, Any] = {"json": body or {}} if route.endpoint.body is not None else {}
    return salon.request(route.endpoint.method, route.url(values), member, key=key, query_string=query or {}, **more)

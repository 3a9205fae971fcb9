# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Why a time is not offered, and which agreed times have moved."""

from typing import Any

from tithi.availability.errors import AddOnNotOfferedError
from tithi.availability.queries import Item
from tithi.bookings import service, zone_queries
from tithi.bookings.explain_schemas import ExplainIn, ExplanationOut, ZoneChangeList
from tithi.catalog.errors import ServiceNotFoundError
from tithi.customers.errors import CustomerNotFoundError
from tithi.platform.http import Room
from tithi.platform.schemas import PageQuery
from tithi.team.errors import TeamMemberNotFoundError

blueprint = Room("explanations", description="Why a time is not offered, and which agreed times have moved.")


@blueprint.post(
    "/availability/explain",
    access="staff",
    body=ExplainIn,
    returns=ExplanationOut,
    ready=True,
    errors=(ServiceNotFoundError, TeamMemberNotFoundError, CustomerNotFoundError, AddOnNotOfferedError),
    entitlement="always",
)
def explain_time(body: dict[str, Any]) -> dict[str, Any]:
    """Tell whether a time is offered, and if not, every rule that hides it and how to change that."""
    return service.explain(
        service.Asked(
            item=Item(body["service_id"], body.get("team_member_id"), tuple(body.get("add_on_ids", ()))),
            starts_at=body["start_time"],
            customer_id=body.get("customer_id"),
            by_staff=body["as_staff"],
        )
    )


@blueprint.get("/bookings/zone-changes", access="staff", query=PageQuery, returns=ZoneChangeList)
def list_zone_changes(query: dict[str, Any]) -> dict[str, Any]:
    """List visits to come whose instant is no longer the wall-clock time that was agreed."""
    return zone_queries.list_changes(limit=query["limit"], cursor=query.get("cursor"))

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Why a time is not offered."""

from typing import Any

from tithi.availability.errors import AddOnNotOfferedError
from tithi.availability.queries import Item
from tithi.bookings import service
from tithi.bookings.explain_schemas import ExplainIn, ExplanationOut
from tithi.catalog.errors import ServiceNotFoundError
from tithi.customers.errors import CustomerNotFoundError
from tithi.platform.http import Room
from tithi.team.errors import TeamMemberNotFoundError

blueprint = Room("explanations", description="Why a time is not offered.")


@blueprint.post(
    "/availability/explain",
    access="staff",
    body=ExplainIn,
    returns=ExplanationOut,
    ready=True,
    errors=(ServiceNotFoundError, TeamMemberNotFoundError, CustomerNotFoundError, AddOnNotOfferedError),
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

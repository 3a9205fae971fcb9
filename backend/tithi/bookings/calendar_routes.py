# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The calendar of the business."""

from typing import Any

from tithi.bookings import calendar_queries
from tithi.bookings.calendar_schemas import CalendarOut, CalendarQuery
from tithi.platform.http import Room
from tithi.tenants.errors import LocationNotFoundError

blueprint = Room("calendar", description="What people and rooms have on a day, in a week or a month.")


@blueprint.get(
    "/calendar", access="staff", query=CalendarQuery, returns=CalendarOut, ready=True, errors=(LocationNotFoundError,)
)
def show_calendar(query: dict[str, Any]) -> dict[str, Any]:
    """Show visits, classes, holds, blocks, working hours and gaps of people and rooms."""
    return calendar_queries.show(
        view=query["view"],
        day=query["date"],
        location_id=query.get("location_id"),
        resource_ids=query.get("resource_ids"),
    )

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from tithi.availability import errors, queries, service
from tithi.availability.models import AvailabilityException, AvailabilityRule
from tithi.availability.schemas import (
    AvailabilityOut,
    CartAvailabilityOut,
    CartSearchIn,
    DayQuery,
    ExceptionChange,
    ExceptionIn,
    ExceptionList,
    ExceptionOut,
    ExceptionQuery,
    FlowAvailabilityOut,
    FlowSearchIn,
    FreeDaysOut,
    ResourceSlotsQuery,
    RuleChange,
    RuleIn,
    RuleList,
    RuleOut,
    RuleQuery,
    SearchIn,
    TimeOffIn,
    TimeOffList,
    WeeklyHoursIn,
    WeeklyHoursOut,
)
from tithi.catalog.errors import ServiceNotFoundError
from tithi.platform.http import Room, expected_version
from tithi.team import queries as team
from tithi.team.errors import TeamMemberNotFoundError
from tithi.tenants.errors import LocationNotFoundError

blueprint = Room("availability", description="When something can take place.")
flow = Room("booking_flow_availability", description="The booking flow's search.", root=True)

SEARCH_ERRORS = (ServiceNotFoundError, TeamMemberNotFoundError, errors.PeriodTooLongError)


@blueprint.post(
    "/public/<slug>/availability",
    access="public",
    body=SearchIn,
    returns=AvailabilityOut,
    ready=True,
    errors=SEARCH_ERRORS,
    entitlement="always",
)
def public_availability(body: dict[str, Any]) -> dict[str, Any]:
    """Find the free times of a service, at any or one team member."""
    return queries.find(
        service_id=body["service_id"],
        team_member_id=body.get("team_member_id"),
        first=body["start_date"],
        last=body["end_date"],
    )


@blueprint.post(
    "/public/<slug>/availability/days",
    access="public",
    body=SearchIn,
    returns=FreeDaysOut,
    ready=True,
    errors=SEARCH_ERRORS,
    entitlement="always",
)
def public_days(body: dict[str, Any]) -> dict[str, Any]:
    """Find the days on which a service has free times, for a calendar to show."""
    return queries.find_days(
        service_id=body["service_id"],
        team_member_id=body.get("team_member_id"),
        first=body["start_date"],
        last=body["end_date"],
    )


@blueprint.post(
    "/public/<slug>/availability/visits",
    access="public",
    body=CartSearchIn,
    returns=CartAvailabilityOut,
    ready=True,
    errors=(*SEARCH_ERRORS, errors.AddOnNotOfferedError),
    entitlement="always",
)
def public_visits(body: dict[str, Any]) -> dict[str, Any]:
    """Find the free times of a visit of several services, each with one way to do it."""
    return _visits(body)


@blueprint.post(
    "/availability/visits",
    access="viewer",
    body=CartSearchIn,
    returns=CartAvailabilityOut,
    ready=True,
    errors=(*SEARCH_ERRORS, errors.AddOnNotOfferedError),
    entitlement="always",
)
def staff_visits(body: dict[str, Any]) -> dict[str, Any]:
    """Find the free times of a visit of several services, as staff may book them."""
    return _visits(body, staff=True)


@flow.post(
    "/booking/availability",
    access="public",
    body=FlowSearchIn,
    returns=FlowAvailabilityOut,
    ready=True,
    enveloped=True,
    tenant_in_body=True,
    errors=SEARCH_ERRORS,
    entitlement="always",
)
def flow_availability(body: dict[str, Any]) -> dict[str, Any]:
    """Find the free times of a service, grouped by team member."""
    return queries.find_by_member(
        service_id=body["service_id"],
        team_member_id=body.get("team_member_id"),
        first=body["start_date"],
        last=body["end_date"],
    )


@blueprint.get(
    "/availability", access="viewer", query=DayQuery, returns=AvailabilityOut, ready=True, errors=SEARCH_ERRORS
)
def day_availability(query: dict[str, Any]) -> dict[str, Any]:
    """Find the free times of one day, as staff may book them."""
    return queries.find(
        service_id=query["service_id"],
        team_member_id=query.get("team_member_id"),
        first=query["date"],
        last=query["date"],
        staff=True,
    )


@blueprint.get(
    "/availability/<uuid:resource_id>/slots",
    access="viewer",
    query=ResourceSlotsQuery,
    returns=AvailabilityOut,
    ready=True,
    errors=(*SEARCH_ERRORS, errors.ResourceNotFoundError),
)
def resource_slots(resource_id: UUID, query: dict[str, Any]) -> dict[str, Any]:
    """Find the free times of one resource."""
    return queries.find(
        service_id=query["service_id"],
        team_member_id=queries.member_of_resource(resource_id),
        first=query["start_date"],
        last=query["end_date"],
        staff=True,
    )


@blueprint.get(
    "/team/<uuid:member_id>/availability", access="viewer", returns=WeeklyHoursOut, errors=(TeamMemberNotFoundError,)
)
def get_weekly_hours(member_id: UUID) -> dict[str, Any]:
    """Show a team member's weekly hours."""
    member = team.get_member(member_id)
    return {"team_member_id": member_id, "availability": queries.list_rules(resource_id=member.resource_id)}


@blueprint.post(
    "/team/<uuid:member_id>/availability",
    access="admin",
    body=WeeklyHoursIn,
    returns=WeeklyHoursOut,
    errors=(TeamMemberNotFoundError, LocationNotFoundError, ServiceNotFoundError),
    entitlement="changes",
)
def set_weekly_hours(member_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Replace a team member's weekly hours, as a whole."""
    rules = service.set_weekly_hours(member_id=member_id, hours=body["availability"])
    return {"team_member_id": member_id, "availability": rules}


@blueprint.get(
    "/team/<uuid:member_id>/time-off", access="viewer", returns=TimeOffList, errors=(TeamMemberNotFoundError,)
)
def list_time_off(member_id: UUID) -> dict[str, Any]:
    """List when a team member is away."""
    found = queries.list_exceptions(resource_id=team.get_member(member_id).resource_id, kind="closed")
    return {"time_off": found, "total": len(found), "next_cursor": None}


@blueprint.post(
    "/team/<uuid:member_id>/time-off",
    access="admin",
    body=TimeOffIn,
    returns=ExceptionOut,
    status=201,
    idempotent="optional",
    errors=(TeamMemberNotFoundError,),
    entitlement="changes",
)
def add_time_off(member_id: UUID, body: dict[str, Any]) -> AvailabilityException:
    """Say when a team member is away."""
    return service.add_time_off(member_id=member_id, details=body)


@blueprint.delete(
    "/team/<uuid:member_id>/time-off/<uuid:exception_id>",
    access="admin",
    status=204,
    errors=(TeamMemberNotFoundError, errors.ExceptionNotFoundError),
    entitlement="changes",
)
def delete_time_off(member_id: UUID, exception_id: UUID) -> None:
    """Delete a team member's time off."""
    service.delete_time_off(member_id=member_id, exception_id=exception_id)


@blueprint.get("/availability/rules", access="viewer", query=RuleQuery, returns=RuleList)
def list_rules(query: dict[str, Any]) -> dict[str, Any]:
    """List the weekly rules."""
    found = queries.list_rules(**query)
    return {"rules": found, "total": len(found), "next_cursor": None}


@blueprint.post(
    "/availability/rules",
    access="admin",
    body=RuleIn,
    returns=RuleOut,
    status=201,
    idempotent="optional",
    errors=(errors.ResourceNotFoundError, LocationNotFoundError, ServiceNotFoundError),
    entitlement="changes",
)
def create_rule(body: dict[str, Any]) -> AvailabilityRule:
    """Add a weekly rule."""
    return service.create_rule(details=body)


@blueprint.get(
    "/availability/rules/<uuid:rule_id>",
    access="viewer",
    returns=RuleOut,
    etag=True,
    errors=(errors.RuleNotFoundError,),
)
def get_rule(rule_id: UUID) -> AvailabilityRule:
    """Show a weekly rule."""
    return queries.get_rule(rule_id)


@blueprint.put(
    "/availability/rules/<uuid:rule_id>",
    access="admin",
    body=RuleChange,
    returns=RuleOut,
    etag=True,
    errors=(errors.RuleNotFoundError, LocationNotFoundError),
    entitlement="changes",
)
def update_rule(rule_id: UUID, body: dict[str, Any]) -> AvailabilityRule:
    """Change a weekly rule."""
    return service.update_rule(rule_id=rule_id, details=body, expected_version=expected_version())


@blueprint.delete(
    "/availability/rules/<uuid:rule_id>",
    access="admin",
    status=204,
    errors=(errors.RuleNotFoundError,),
    entitlement="changes",
)
def delete_rule(rule_id: UUID) -> None:
    """Delete a weekly rule."""
    service.delete_rule(rule_id=rule_id)


@blueprint.get("/availability/exceptions", access="viewer", query=ExceptionQuery, returns=ExceptionList)
def list_exceptions(query: dict[str, Any]) -> dict[str, Any]:
    """List closures, time off and extra hours."""
    found = queries.list_exceptions(**query)
    return {"exceptions": found, "total": len(found), "next_cursor": None}


@blueprint.post(
    "/availability/exceptions",
    access="admin",
    body=ExceptionIn,
    returns=ExceptionOut,
    status=201,
    idempotent="optional",
    errors=(errors.ResourceNotFoundError, LocationNotFoundError),
    entitlement="changes",
)
def create_exception(body: dict[str, Any]) -> AvailabilityException:
    """Add a closure, time off or extra hours."""
    return service.create_exception(details=body)


@blueprint.get(
    "/availability/exceptions/<uuid:exception_id>",
    access="viewer",
    returns=ExceptionOut,
    etag=True,
    errors=(errors.ExceptionNotFoundError,),
)
def get_exception(exception_id: UUID) -> AvailabilityException:
    """Show an exception."""
    return queries.get_exception(exception_id)


@blueprint.put(
    "/availability/exceptions/<uuid:exception_id>",
    access="admin",
    body=ExceptionChange,
    returns=ExceptionOut,
    etag=True,
    errors=(errors.ExceptionNotFoundError, LocationNotFoundError),
    entitlement="changes",
)
def update_exception(exception_id: UUID, body: dict[str, Any]) -> AvailabilityException:
    """Change an exception."""
    return service.update_exception(exception_id=exception_id, details=body, expected_version=expected_version())


@blueprint.delete(
    "/availability/exceptions/<uuid:exception_id>",
    access="admin",
    status=204,
    errors=(errors.ExceptionNotFoundError,),
    entitlement="changes",
)
def delete_exception(exception_id: UUID) -> None:
    """Delete an exception."""
    service.delete_exception(exception_id=exception_id)


def _visits(body: dict[str, Any], *, staff: bool = False) -> dict[str, Any]:
    return queries.find_visits(
        items=queries.items_of(body),
        first=body["start_date"],
        last=body["end_date"],
        is_ordered=body["ordered"],
        max_idle=body.get("max_idle_minutes"),
        staff=staff,
    )

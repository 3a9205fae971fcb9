# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a service is made of: each list replaces what was there."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from tithi.catalog import queries, segments
from tithi.catalog.models import ServiceAddOn, ServiceNeed, ServicePrerequisite, ServiceSegment, ServiceStaff
from tithi.platform.db import session
from tithi.platform.errors import InvalidError
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.resources import queries as resources
from tithi.team import queries as team

PARTS = ("segments", "needs", "team_member_ids", "staff", "prerequisites", "add_on_ids")
HOURS_PER_DAY = 24

Part = type[ServiceSegment | ServiceNeed | ServiceStaff | ServicePrerequisite | ServiceAddOn]


def taken_from(details: dict[str, Any]) -> dict[str, Any]:
    """The lists among the fields of a service, taken out of them."""
    given = {name: details.pop(name) for name in PARTS if name in details}
    if "staff" in given and "team_member_ids" in given:
        raise InvalidError(errors={"staff": ["is given in place of team_member_ids, not beside them"]})
    return given


def replace(service_id: UUID, given: dict[str, Any]) -> None:
    """Write the lists that were given; those that were not stay.

    Raises:
        Invalid: a list contradicts itself.
        NotFound: it names what the business does not have.
    """
    if "segments" in given:
        _write(ServiceSegment, service_id, _segments(given["segments"]))
    if "needs" in given:
        _write(ServiceNeed, service_id, _needs(given["needs"]))
    if "team_member_ids" in given:
        named = dict.fromkeys(given["team_member_ids"])
        _write(ServiceStaff, service_id, _staff([{"team_member_id": one} for one in named]))
    if "staff" in given:
        _write(ServiceStaff, service_id, _staff(given["staff"]))
    if "prerequisites" in given:
        _write(ServicePrerequisite, service_id, _prerequisites(service_id, given["prerequisites"]))
    if "add_on_ids" in given:
        named = dict.fromkeys(given["add_on_ids"])
        queries.refuse_unknown_add_ons(named)
        _write(ServiceAddOn, service_id, [{"add_on_id": one} for one in named])


def _write(part: Part, service_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    session().execute(delete(part).where(part.service_id == service_id))
    session().add_all(part(tenant_id=current_tenant_id(), id=new_id(), service_id=service_id, **row) for row in rows)
    session().flush()


def _segments(given: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"position": position, **one} for position, one in enumerate(segments.complete(given))]


def _needs(given: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = [
        {"need": number, "resource_id": resource_id}
        for number, one in enumerate(given)
        for resource_id in dict.fromkeys(one["resource_ids"])
    ]
    found = resources.get_resources([row["resource_id"] for row in rows])
    if any(one.kind == "staff" for one in found):
        raise InvalidError(errors={"needs": ["are rooms and equipment; people are named in staff"]})
    return rows


def _staff(given: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    member_ids = [one["team_member_id"] for one in given]
    if len(set(member_ids)) < len(member_ids):
        raise InvalidError(errors={"staff": ["name each team member once"]})
    team.refuse_unknown(member_ids)
    return list(given)


def _prerequisites(service_id: UUID, given: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    required = [one["service_id"] for one in given]
    if service_id in required or len(set(required)) < len(required):
        raise InvalidError(errors={"prerequisites": ["name other services, each once"]})
    if any(one.get("at_least_hours", 0) >= one["within_days"] * HOURS_PER_DAY for one in given):
        raise InvalidError(errors={"prerequisites": ["leave no time between at_least_hours and within_days"]})
    queries.refuse_unknown_services(required)
    return [
        {
            "required_service_id": one["service_id"],
            "within_days": one["within_days"],
            "at_least_hours": one.get("at_least_hours", 0),
        }
        for one in given
    ]

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Weekly hours and what is out of the ordinary."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from tithi.availability import queries
from tithi.availability.errors import ExceptionNotFoundError
from tithi.availability.models import AvailabilityException, AvailabilityRule
from tithi.catalog import queries as catalog
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.errors import InvalidError, PreconditionFailedError
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.resources import queries as resources
from tithi.team import queries as team
from tithi.tenants import queries as tenants

MINUTES_PER_DAY = 1440
LONGEST_REPEATED = {"weekly": timedelta(days=7), "yearly": timedelta(days=365)}


def create_rule(*, details: dict[str, Any]) -> AvailabilityRule:
    """Add a weekly rule of a resource, a location, a service, or what two of them have in common."""
    _refuse_unknown(details)
    if details.get("service_id"):
        catalog.get_service(details["service_id"])
    given = {"kind": "open", **_checked_minutes(details)}
    rule = AvailabilityRule(tenant_id=current_tenant_id(), id=new_id(), version=1, created_at=clock.now(), **given)
    _check_rule(rule)
    session().add(rule)
    session().flush()
    return rule


def update_rule(*, rule_id: UUID, details: dict[str, Any], expected_version: int | None) -> AvailabilityRule:
    rule = queries.get_rule(rule_id)
    _lock(rule, expected_version)
    _refuse_unknown(details)
    merged = {"start_minute": rule.start_minute, "end_minute": rule.end_minute, **details}
    for name, value in _checked_minutes(merged).items():
        setattr(rule, name, value)
    _check_rule(rule)
    rule.version += 1
    session().flush()
    return rule


def delete_rule(*, rule_id: UUID) -> None:
    session().delete(queries.get_rule(rule_id))
    session().flush()


def set_weekly_hours(*, member_id: UUID, hours: list[dict[str, Any]]) -> list[AvailabilityRule]:
    """Replace a team member's weekly hours, as a whole."""
    member = team.get_member(member_id)
    session().execute(delete(AvailabilityRule).where(AvailabilityRule.resource_id == member.resource_id))
    for one in hours:
        create_rule(details={**one, "resource_id": member.resource_id})
    return queries.list_rules(resource_id=member.resource_id)


def create_exception(*, details: dict[str, Any]) -> AvailabilityException:
    _refuse_unknown(details)
    exception = AvailabilityException(
        tenant_id=current_tenant_id(), id=new_id(), version=1, created_at=clock.now(), **details
    )
    _check_exception(exception)
    session().add(exception)
    session().flush()
    return exception


def update_exception(
    *, exception_id: UUID, details: dict[str, Any], expected_version: int | None
) -> AvailabilityException:
    exception = queries.get_exception(exception_id)
    _lock(exception, expected_version)
    _refuse_unknown(details)
    for name, value in details.items():
        setattr(exception, name, value)
    _check_exception(exception)
    exception.version += 1
    session().flush()
    return exception


def delete_exception(*, exception_id: UUID) -> None:
    session().delete(queries.get_exception(exception_id))
    session().flush()


def add_time_off(*, member_id: UUID, details: dict[str, Any]) -> AvailabilityException:
    member = team.get_member(member_id)
    return create_exception(details={**details, "kind": "closed", "resource_id": member.resource_id})


def delete_time_off(*, member_id: UUID, exception_id: UUID) -> None:
    """Raises ExceptionNotFound, also for what is not this team member's time off."""
    member = team.get_member(member_id)
    found = queries.get_exception(exception_id)
    if found.resource_id != member.resource_id or found.kind != "closed":
        raise ExceptionNotFoundError
    delete_exception(exception_id=exception_id)


def _refuse_unknown(details: dict[str, Any]) -> None:
    if details.get("resource_id"):
        resources.get_resource(details["resource_id"])
    if details.get("location_id"):
        tenants.get_location(details["location_id"])


def _checked_minutes(details: dict[str, Any]) -> dict[str, Any]:
    """Hours that end at or before their start pass midnight."""
    start, end = details["start_minute"], details["end_minute"]
    if start >= MINUTES_PER_DAY:
        raise InvalidError(errors={"start_time": ["is before 24:00"]})
    if end > 2 * MINUTES_PER_DAY:
        raise InvalidError(errors={"end_time": ["is at most 48:00"]})
    return {**details, "end_minute": end + MINUTES_PER_DAY if end <= start else end}


def _check_rule(rule: AvailabilityRule) -> None:
    if rule.resource_id is None and rule.location_id is None:
        if rule.service_id is None:
            raise InvalidError(errors={"resource_id": ["or location_id or service_id says whose hours they are"]})
        if rule.kind == "break":
            raise InvalidError(errors={"kind": ["is a break of a resource or of a location"]})
    if rule.valid_from and rule.valid_to and rule.valid_to < rule.valid_from:
        raise InvalidError(errors={"valid_to": ["is before valid_from"]})


def _check_exception(exception: AvailabilityException) -> None:
    """Raises Invalid; what repeats ends before it begins again."""
    if exception.ends_local <= exception.starts_local:
        raise InvalidError(errors={"ends_local": ["is not after starts_local"]})
    if exception.repeats and exception.ends_local - exception.starts_local > LONGEST_REPEATED[exception.repeats]:
        raise InvalidError(errors={"ends_local": ["is after the next repetition begins"]})
    if exception.repeats_until and not exception.repeats:
        raise InvalidError(errors={"repeats_until": ["needs repeats"]})
    if exception.repeats_until and exception.repeats_until < exception.starts_local.date():
        raise InvalidError(errors={"repeats_until": ["is before starts_local"]})


def _lock(row: AvailabilityRule | AvailabilityException, expected_version: int | None) -> None:
    session().refresh(row, with_for_update=True)
    if expected_version is not None and row.version != expected_version:
        raise PreconditionFailedError

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Weekly hours and what is out of the ordinary."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from tithi.availability import queries
from tithi.availability.models import AvailabilityException, AvailabilityRule
from tithi.catalog import queries as catalog
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.errors import InvalidError, PreconditionFailedError
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.team import queries as team


def create_rule(*, details: dict[str, Any]) -> AvailabilityRule:
    queries.get_resource(details["resource_id"])
    if details.get("service_id"):
        catalog.get_service(details["service_id"])
    rule = AvailabilityRule(
        tenant_id=current_tenant_id(), id=new_id(), version=1, created_at=clock.now(), **_checked_minutes(details)
    )
    session().add(rule)
    session().flush()
    return rule


def update_rule(*, rule_id: UUID, details: dict[str, Any], expected_version: int | None) -> AvailabilityRule:
    rule = queries.get_rule(rule_id)
    _lock(rule, expected_version)
    merged = {"start_minute": rule.start_minute, "end_minute": rule.end_minute, **details}
    for name, value in _checked_minutes(merged).items():
        setattr(rule, name, value)
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
    if details.get("resource_id"):
        queries.get_resource(details["resource_id"])
    _check_order(details["starts_local"], details["ends_local"])
    exception = AvailabilityException(
        tenant_id=current_tenant_id(), id=new_id(), version=1, created_at=clock.now(), **details
    )
    session().add(exception)
    session().flush()
    return exception


def update_exception(
    *, exception_id: UUID, details: dict[str, Any], expected_version: int | None
) -> AvailabilityException:
    exception = queries.get_exception(exception_id)
    _lock(exception, expected_version)
    for name, value in details.items():
        setattr(exception, name, value)
    _check_order(exception.starts_local, exception.ends_local)
    exception.version += 1
    session().flush()
    return exception


def delete_exception(*, exception_id: UUID) -> None:
    session().delete(queries.get_exception(exception_id))
    session().flush()


def _checked_minutes(details: dict[str, Any]) -> dict[str, Any]:
    """Hours that end at or before their start pass midnight."""
    start, end = details["start_minute"], details["end_minute"]
    return {**details, "end_minute": end + 1440 if end <= start else end}


def _check_order(starts: datetime, ends: datetime) -> None:
    if ends <= starts:
        raise InvalidError(errors={"ends_local": ["is not after starts_local"]})


def _lock(row: AvailabilityRule | AvailabilityException, expected_version: int | None) -> None:
    session().refresh(row, with_for_update=True)
    if expected_version is not None and row.version != expected_version:
        raise PreconditionFailedError

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from uuid import UUID

from sqlalchemy import select

from tithi.availability.errors import ExceptionNotFoundError, RuleNotFoundError
from tithi.availability.models import AvailabilityException, AvailabilityRule
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id


def list_rules(
    *, resource_id: UUID | None = None, location_id: UUID | None = None, service_id: UUID | None = None
) -> list[AvailabilityRule]:
    statement = select(AvailabilityRule)
    if resource_id is not None:
        statement = statement.where(AvailabilityRule.resource_id == resource_id)
    if location_id is not None:
        statement = statement.where(AvailabilityRule.location_id == location_id)
    if service_id is not None:
        statement = statement.where(AvailabilityRule.service_id == service_id)
    return list(
        session().scalars(
            statement.order_by(
                AvailabilityRule.resource_id,
                AvailabilityRule.weekday,
                AvailabilityRule.start_minute,
                AvailabilityRule.id,
            )
        )
    )


def get_rule(rule_id: UUID) -> AvailabilityRule:
    found = session().get(AvailabilityRule, (current_tenant_id(), rule_id))
    if found is None:
        raise RuleNotFoundError
    return found


def list_exceptions(
    *, resource_id: UUID | None = None, location_id: UUID | None = None, kind: str | None = None
) -> list[AvailabilityException]:
    statement = select(AvailabilityException)
    if resource_id is not None:
        statement = statement.where(AvailabilityException.resource_id == resource_id)
    if location_id is not None:
        statement = statement.where(AvailabilityException.location_id == location_id)
    if kind is not None:
        statement = statement.where(AvailabilityException.kind == kind)
    return list(session().scalars(statement.order_by(AvailabilityException.starts_local, AvailabilityException.id)))


def get_exception(exception_id: UUID) -> AvailabilityException:
    found = session().get(AvailabilityException, (current_tenant_id(), exception_id))
    if found is None:
        raise ExceptionNotFoundError
    return found

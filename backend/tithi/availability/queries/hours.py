# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from uuid import UUID

from sqlalchemy import select

from tithi.availability.errors import ExceptionNotFoundError, ResourceNotFoundError, RuleNotFoundError
from tithi.availability.models import AvailabilityException, AvailabilityRule
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id
from tithi.resources.models import Resource


def get_resource(resource_id: UUID) -> Resource:
    found = session().get(Resource, (current_tenant_id(), resource_id))
    if found is None:
        raise ResourceNotFoundError
    return found


def list_rules(*, resource_id: UUID | None = None) -> list[AvailabilityRule]:
    statement = select(AvailabilityRule)
    if resource_id is not None:
        statement = statement.where(AvailabilityRule.resource_id == resource_id)
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


def list_exceptions(*, resource_id: UUID | None = None) -> list[AvailabilityException]:
    statement = select(AvailabilityException)
    if resource_id is not None:
        statement = statement.where(AvailabilityException.resource_id == resource_id)
    return list(session().scalars(statement.order_by(AvailabilityException.starts_local, AvailabilityException.id)))


def get_exception(exception_id: UUID) -> AvailabilityException:
    found = session().get(AvailabilityException, (current_tenant_id(), exception_id))
    if found is None:
        raise ExceptionNotFoundError
    return found

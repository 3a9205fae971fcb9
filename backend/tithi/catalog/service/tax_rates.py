# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from sqlalchemy import update

from tithi.catalog import queries
from tithi.catalog.models import TaxRate
from tithi.catalog.service.rows import lock
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.errors import InvalidError
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id


def create_tax_rate(*, details: dict[str, Any]) -> TaxRate:
    rate = TaxRate(
        tenant_id=current_tenant_id(),
        id=new_id(),
        version=1,
        created_at=clock.now(),
        **{"is_default": False, "is_active": True, **details},
    )
    _settle_default(rate)
    session().add(rate)
    session().flush()
    return rate


def update_tax_rate(*, rate_id: UUID, details: dict[str, Any], expected_version: int | None) -> TaxRate:
    """Change a tax rate; visits that are booked keep the rate that they froze."""
    rate = queries.get_tax_rate(rate_id)
    lock(rate, expected_version)
    with session().no_autoflush:
        for name, value in details.items():
            setattr(rate, name, value)
        _settle_default(rate)
    rate.version += 1
    session().flush()
    return rate


def delete_tax_rate(*, rate_id: UUID) -> None:
    """Take a rate out of use; its services fall back to the default one."""
    rate = queries.get_tax_rate(rate_id)
    lock(rate, None)
    rate.deleted_at = clock.now()
    rate.is_active = rate.is_default = False
    rate.version += 1


def _settle_default(rate: TaxRate) -> None:
    """One rate at most is the default: whichever was made so last."""
    if not rate.is_default:
        return
    if not rate.is_active:
        raise InvalidError(errors={"is_default": ["is for an active rate"]})
    session().execute(update(TaxRate).where(TaxRate.is_default, TaxRate.id != rate.id).values(is_default=False))

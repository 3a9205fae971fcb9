# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, text, tuple_

from tithi.customers.errors import CustomerNotFoundError
from tithi.customers.models import Customer, CustomerStats
from tithi.platform import paging
from tithi.platform.db import session
from tithi.platform.tenancy import current_tenant_id


def get_customer(customer_id: UUID) -> Customer:
    found = session().get(Customer, (current_tenant_id(), customer_id))
    if found is None:
        raise CustomerNotFoundError
    return found


_KNOWN = text("SELECT true FROM customers WHERE tenant_id = :tenant_id AND id = :id")


def refuse_unknown(customer_id: UUID) -> None:
    """Raises CustomerNotFound."""
    if session().execute(_KNOWN, {"tenant_id": current_tenant_id(), "id": customer_id}).scalar() is None:
        raise CustomerNotFoundError


def find_by_email(email: str) -> UUID | None:
    """The customer with this address, whatever its case."""
    statement = select(Customer.id).where(Customer.email_normalized == email.strip().lower())
    return session().scalars(statement).one_or_none()


def get_stats(customer_id: UUID) -> CustomerStats | None:
    return session().get(CustomerStats, (current_tenant_id(), customer_id))


def list_customers(*, limit: int, cursor: str | None, search: str | None) -> dict[str, Any]:
    """Newest first; `search` is part of a name, e-mail or phone."""
    statement = select(Customer)
    if search:
        pattern = "%" + search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        statement = statement.where(
            or_(
                Customer.display_name.ilike(pattern),
                Customer.email_normalized.like(pattern),
                Customer.phone.like(pattern),
            )
        )
    total = session().scalar(select(func.count()).select_from(statement.subquery()))
    if cursor:
        at, last_id = paging.decode_instant_and_id(cursor)
        statement = statement.where(tuple_(Customer.created_at, Customer.id) < (at, last_id))
    statement = statement.order_by(Customer.created_at.desc(), Customer.id.desc()).limit(limit + 1)
    found, more = paging.split(session().scalars(statement).all(), limit)
    next_cursor = paging.encode(found[-1].created_at, found[-1].id) if more else None
    return {"customers": found, "total": total, "next_cursor": next_cursor}

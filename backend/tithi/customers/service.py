# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tithi.customers import queries
from tithi.customers.errors import CustomerBlockedError, CustomerEmailTakenError
from tithi.customers.models import Customer
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.errors import PreconditionFailedError
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id


def normalise_email(email: str) -> str:
    return email.strip().casefold()


def create(*, details: dict[str, Any]) -> Customer:
    now = clock.now()
    email = details.get("email")
    customer = Customer(
        tenant_id=current_tenant_id(),
        id=new_id(),
        display_name=details["display_name"],
        email=email,
        email_normalized=normalise_email(email) if email else None,
        phone=details.get("phone"),
        marketing_opt_in=details.get("marketing_opt_in", False),
        notes=details.get("notes"),
        tags=details.get("tags", []),
        version=1,
        created_at=now,
        updated_at=now,
    )
    session().add(customer)
    _flush_refusing_taken_email()
    return customer


def update(*, customer_id: UUID, details: dict[str, Any], expected_version: int | None) -> Customer:
    customer = queries.get_customer(customer_id)
    session().refresh(customer, with_for_update=True)
    if expected_version is not None and customer.version != expected_version:
        raise PreconditionFailedError
    for name, value in details.items():
        setattr(customer, name, value)
    if "email" in details:
        customer.email_normalized = normalise_email(details["email"]) if details["email"] else None
    customer.version += 1
    customer.updated_at = clock.now()
    _flush_refusing_taken_email()
    return customer


def block(*, customer_id: UUID, reason: str, until_paid: bool) -> Customer:
    """Keep a customer from booking online: for good, or until what they owe is paid."""
    customer = queries.get_customer(customer_id)
    session().refresh(customer, with_for_update=True)
    now = clock.now()
    customer.blocked_at = customer.blocked_at or now
    customer.block_reason = reason
    customer.is_blocked_until_paid = until_paid
    customer.version += 1
    customer.updated_at = now
    return customer


def unblock(*, customer_id: UUID) -> Customer:
    customer = queries.get_customer(customer_id)
    session().refresh(customer, with_for_update=True)
    if customer.blocked_at is not None:
        _unblock(customer)
    return customer


def unblock_after_payment(*, customer_id: UUID) -> None:
    """Lift a block that was to last until the customer has paid; one that was set for good stays."""
    customer = queries.get_customer(customer_id)
    session().refresh(customer, with_for_update=True)
    if customer.blocked_at is not None and customer.is_blocked_until_paid:
        _unblock(customer)


def _unblock(customer: Customer) -> None:
    customer.blocked_at = None
    customer.block_reason = None
    customer.is_blocked_until_paid = False
    customer.version += 1
    customer.updated_at = clock.now()


_FIND_OR_ADD = text(
    """
    INSERT INTO customers (tenant_id, id, display_name, email, email_normalized, phone, marketing_opt_in, tags,
        version, created_at, updated_at)
    VALUES (:tenant_id, :id, :display_name, :email, :email_normalized, :phone, :marketing_opt_in, '[]', 1, :now, :now)
    ON CONFLICT (tenant_id, email_normalized) WHERE email_normalized IS NOT NULL
    DO UPDATE SET updated_at = excluded.updated_at
    RETURNING id, blocked_at IS NOT NULL AS is_blocked
    """
)


def find_or_add(
    *, display_name: str, email: str, phone: str | None, marketing_opt_in: bool, refuse_blocked: bool
) -> UUID:
    """The customer with this e-mail; what a visitor types never changes what the business keeps of a known one.

    Raises:
        CustomerBlocked: the business keeps this customer from booking online, and `refuse_blocked` says so.
    """
    row = (
        session()
        .execute(
            _FIND_OR_ADD,
            {
                "tenant_id": current_tenant_id(),
                "id": new_id(),
                "display_name": display_name,
                "email": email,
                "email_normalized": normalise_email(email),
                "phone": phone,
                "marketing_opt_in": marketing_opt_in,
                "now": clock.now(),
            },
        )
        .one()
    )
    if row.is_blocked and refuse_blocked:
        raise CustomerBlockedError
    return UUID(str(row.id))


_COUNT = text(
    """
    INSERT INTO customer_stats AS s (tenant_id, id, visit_count, no_show_count, cancel_count, spent_cents,
        first_visit_at, last_visit_at)
    VALUES (:tenant_id, :id, :visits, :no_shows, :cancels, :spent, CAST(:visited_at AS timestamptz),
        CAST(:visited_at AS timestamptz))
    ON CONFLICT (tenant_id, id) DO UPDATE SET
        visit_count = s.visit_count + excluded.visit_count,
        no_show_count = s.no_show_count + excluded.no_show_count,
        cancel_count = s.cancel_count + excluded.cancel_count,
        spent_cents = s.spent_cents + excluded.spent_cents,
        first_visit_at = least(s.first_visit_at, excluded.first_visit_at),
        last_visit_at = greatest(s.last_visit_at, excluded.last_visit_at)
    """
)


def count(
    *,
    customer_id: UUID,
    visits: int = 0,
    no_shows: int = 0,
    cancels: int = 0,
    spent_cents: int = 0,
    visited_at: datetime | None = None,
) -> None:
    """Add to what the customer's visits come to."""
    session().execute(
        _COUNT,
        {
            "tenant_id": current_tenant_id(),
            "id": customer_id,
            "visits": visits,
            "no_shows": no_shows,
            "cancels": cancels,
            "spent": spent_cents,
            "visited_at": visited_at,
        },
    )


def _flush_refusing_taken_email() -> None:
    try:
        session().flush()
    except IntegrityError as error:
        raise CustomerEmailTakenError from error

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any
from uuid import UUID

from tithi.customers import queries, service
from tithi.customers.errors import CustomerEmailTakenError, CustomerNotFoundError
from tithi.customers.models import Customer
from tithi.customers.schemas import (
    CustomerBlockIn,
    CustomerChange,
    CustomerIn,
    CustomerList,
    CustomerOut,
    CustomerQuery,
)
from tithi.platform.http import Room, expected_version

blueprint = Room("customers", description="Who books with the business.")


@blueprint.get("/customers", access="staff", query=CustomerQuery, returns=CustomerList)
def list_customers(query: dict[str, Any]) -> dict[str, Any]:
    """List or search customers, newest first."""
    return queries.list_customers(limit=query["limit"], cursor=query.get("cursor"), search=query.get("search"))


@blueprint.post(
    "/customers",
    access="staff",
    body=CustomerIn,
    returns=CustomerOut,
    status=201,
    idempotent="optional",
    errors=(CustomerEmailTakenError,),
    entitlement="changes",
)
def create_customer(body: dict[str, Any]) -> Customer:
    """Add a customer."""
    return service.create(details=body)


@blueprint.get(
    "/customers/<uuid:customer_id>", access="staff", returns=CustomerOut, etag=True, errors=(CustomerNotFoundError,)
)
def get_customer(customer_id: UUID) -> Customer:
    """Show a customer."""
    return queries.get_customer(customer_id)


@blueprint.put(
    "/customers/<uuid:customer_id>",
    access="staff",
    body=CustomerChange,
    returns=CustomerOut,
    etag=True,
    errors=(CustomerNotFoundError, CustomerEmailTakenError),
    entitlement="changes",
)
def update_customer(customer_id: UUID, body: dict[str, Any]) -> Customer:
    """Change a customer."""
    return service.update(customer_id=customer_id, details=body, expected_version=expected_version())


@blueprint.post(
    "/customers/<uuid:customer_id>/block",
    access="admin",
    body=CustomerBlockIn,
    returns=CustomerOut,
    errors=(CustomerNotFoundError,),
    entitlement="changes",
)
def block_customer(customer_id: UUID, body: dict[str, Any]) -> Customer:
    """Keep a customer from booking online: until they have paid what they owe, or until you say otherwise."""
    return service.block(customer_id=customer_id, reason=body["reason"], until_paid=body["until_paid"])


@blueprint.post(
    "/customers/<uuid:customer_id>/unblock",
    access="admin",
    returns=CustomerOut,
    errors=(CustomerNotFoundError,),
    entitlement="changes",
)
def unblock_customer(customer_id: UUID) -> Customer:
    """Let a customer book online again."""
    return service.unblock(customer_id=customer_id)

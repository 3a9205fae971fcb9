# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A customer as the processor knows them on the business's account."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from tithi.customers import queries as customers
from tithi.payments.models import PayingCustomer
from tithi.payments.processor import processor
from tithi.platform import clock
from tithi.platform.db import session, transaction
from tithi.platform.tenancy import current_tenant_id


def customer_ref_of(*, customer_id: UUID, account_ref: str, tried: str = "") -> str:
    """The customer's reference on an account, made there where there is none; with no transaction open.

    `tried` tells the keys of later rounds apart.

    Raises:
        ProcessorError: the processor did not answer, or refused.
    """
    with transaction():
        customer = customers.get_customer(customer_id)
        known = session().get(PayingCustomer, (current_tenant_id(), customer_id))
        if known is not None and known.account_ref == account_ref:
            return known.customer_ref
    tenant_id = current_tenant_id()
    return processor().create_customer(
        account=account_ref,
        key=f"{tenant_id}:{account_ref}:{customer_id}:customer{tried}",
        email=customer.email,
        name=customer.display_name,
        metadata={"tenant_id": str(tenant_id), "customer_id": str(customer_id)},
    )


def keep_paying_customer(*, customer_id: UUID, account_ref: str, customer_ref: str) -> None:
    """Write down how the processor knows a customer, in the caller's transaction."""
    known = {"account_ref": account_ref, "customer_ref": customer_ref}
    session().execute(
        insert(PayingCustomer)
        .values(tenant_id=current_tenant_id(), id=customer_id, created_at=clock.now(), **known)
        .on_conflict_do_update(index_elements=["tenant_id", "id"], set_=known)
    )

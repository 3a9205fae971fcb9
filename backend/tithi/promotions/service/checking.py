# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a coupon would give, before anything is booked."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tithi.catalog import queries as catalog
from tithi.customers import queries as customers
from tithi.platform.ids import new_id
from tithi.promotions import queries
from tithi.promotions.codes import Codes
from tithi.promotions.discounts import PricedItem
from tithi.promotions.service.claiming import Buyer, look_up
from tithi.tenants import queries as tenants


def check_coupon(*, code: str, service_ids: Sequence[UUID], customer_id: UUID | None = None) -> dict[str, Any]:
    """What a coupon takes off services at their list prices.

    Raises:
        CouponNotFound and the other refusals of coupons.
        ServiceNotFound, CustomerNotFound: there is none.
    """
    services = [catalog.get_service(service_id) for service_id in service_ids]
    items = [PricedItem(new_id(), one.id, one.category_id, one.price_cents) for one in services]
    buyer = Buyer(owner_id=new_id(), customer_id=customer_id, is_first_visit=_is_first_visit(customer_id))
    found = look_up(codes=Codes(coupon=code), buyer=buyer, items=items)
    coupon = queries.coupon_by_code(code)
    return {
        "code": coupon.code,
        "name": coupon.name,
        "kind": coupon.kind,
        "subtotal_cents": sum(item.amount_cents for item in items),
        "discount_cents": sum(discount.total_cents for discount in found),
        "currency": tenants.get_tenant().currency,
    }


def _is_first_visit(customer_id: UUID | None) -> bool:
    if customer_id is None:
        return True
    customers.refuse_unknown(customer_id)
    stats = customers.get_stats(customer_id)
    return stats is None or stats.visit_count == 0

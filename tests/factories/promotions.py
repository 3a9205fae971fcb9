# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Coupons, taxes and gift cards of a business, and visits booked with them."""

from typing import Any
from uuid import uuid4

from tests.factories.businesses import Answer, Salon
from tests.factories.visits import API, at_desk, ok


def add_coupon(salon: Salon, code: str | None = None, **terms: Any) -> dict[str, Any]:
    """Ten per cent off, unless said otherwise."""
    body = {"code": code or f"C{uuid4().hex[:12]}", "kind": "percent", "value": 1000, **terms}
    return dict(ok(salon.as_owner("POST", f"{API}/coupons", json=body)))


def coupon_shown(salon: Salon, coupon: dict[str, Any]) -> dict[str, Any]:
    return dict(ok(salon.as_owner("GET", f"{API}/coupons/{coupon['id']}")))


def add_tax(salon: Salon, basis_points: int = 1900, **details: Any) -> str:
    """The default rate, contained in the prices, unless said otherwise; gives its id."""
    body = {"name": "VAT", "basis_points": basis_points, "is_inclusive": True, "is_default": True, **details}
    return str(ok(salon.as_owner("POST", f"{API}/tax-rates", json=body))["id"])


def sell_gift_card(salon: Salon, amount_cents: int | None = 2000, **details: Any) -> dict[str, Any]:
    """A gift card of that amount, or of what the details say, with its code."""
    body = {**({} if amount_cents is None else {"amount_cents": amount_cents}), **details}
    return dict(ok(salon.as_owner("POST", f"{API}/gift-cards", key=str(uuid4()), json=body)))


def gift_card_shown(salon: Salon, card: dict[str, Any]) -> dict[str, Any]:
    return dict(ok(salon.as_owner("GET", f"{API}/gift-cards/{card['id']}")))


def left_on(salon: Salon, card: dict[str, Any]) -> tuple[int, int]:
    """What can be spent of a gift card, and what is reserved of it."""
    shown = gift_card_shown(salon, card)
    return shown["balance_cents"], shown["reserved_cents"]


def add_package(salon: Salon, sessions: int = 3, **details: Any) -> dict[str, Any]:
    """Sessions of the salon's own service, unless said otherwise."""
    body = {
        "name": "Three cuts",
        "price_cents": 12_000,
        "session_count": sessions,
        "service_ids": [str(salon.service_id)],
        **details,
    }
    return dict(ok(salon.as_owner("POST", f"{API}/packages", json=body)))


def sell_package(salon: Salon, customer_id: str, sessions: int = 3, **details: Any) -> dict[str, Any]:
    """A package of a customer, with its code."""
    path = f"{API}/packages/{add_package(salon, sessions, **details)['id']}/sell"
    return dict(ok(salon.as_owner("POST", path, key=str(uuid4()), json={"customer_id": customer_id})))


def sessions_left(salon: Salon, sold: dict[str, Any]) -> int:
    found = ok(salon.as_owner("GET", f"{API}/sold-packages"))["sold_packages"]
    return int(next(one["sessions_left"] for one in found if one["id"] == sold["id"]))


def add_customer(salon: Salon) -> str:
    body = {"display_name": "Ada", "email": f"{uuid4().hex}@example.com"}
    return str(ok(salon.as_owner("POST", f"{API}/customers", json=body))["id"])


def start_referrals(salon: Salon, **terms: Any) -> None:
    body = {"kind": "percent", "value": 2000, **terms}
    ok(salon.as_owner("PUT", f"{API}/referrals/program", json=body))


def referral_code(salon: Salon, customer_id: str) -> str:
    return str(ok(salon.as_owner("POST", f"{API}/referrals/codes", json={"customer_id": customer_id}))["code"])


def quoted(salon: Salon, **changes: Any) -> Answer:
    """What a visit of a customer would cost."""
    body = {"service_id": str(salon.service_id), "start_time": salon.slot().isoformat(), **changes}
    return salon.request("POST", f"{API}/public/{salon.slug}/quote", None, json=body)


def lines_of(priced: dict[str, Any], kind: str) -> list[int]:
    return [line["amount_cents"] for line in priced["lines"] if line["kind"] == kind]


def make_promotions(salon: Salon, day: int) -> dict[str, str]:
    """One record of each kind, all of them used by one visit in `day` days."""
    tax_rate_id = add_tax(salon)
    coupon = add_coupon(salon, "RECORDED")
    card = sell_gift_card(salon, 2000)
    at_desk(salon, salon.slot(days=day), coupon_code=coupon["code"], gift_card_code=card["code"])
    return {
        "tax_rate_id": tax_rate_id,
        "coupon_id": coupon["id"],
        "gift_card_id": card["id"],
        "package_id": _use_package_and_referral(salon, day + 1),
    }


def _use_package_and_referral(salon: Salon, day: int) -> str:
    """Somebody who was brought by another uses a session of their package; gives the package's id."""
    start_referrals(salon)
    code, customer_id = referral_code(salon, add_customer(salon)), add_customer(salon)
    sold = sell_package(salon, customer_id)
    at_desk(salon, salon.slot(days=day), customer_id=customer_id, package_code=sold["code"], referral_code=code)
    return str(sold["package_id"])

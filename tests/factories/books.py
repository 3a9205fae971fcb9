# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What happens to a business's money at the processor without Tithi: in its dashboard, at banks, behind our back."""

from typing import Any
from uuid import uuid4

import requests

from tests.factories.businesses import Salon

TIMEOUT_SECONDS = 10


def at_processor(salon: Salon, method: str, path: str, **fields: Any) -> dict[str, Any]:
    """A call with the processor's own key for the salon's account, as its dashboard makes them."""
    settings = salon.app.config["TITHI"]
    headers = {"Authorization": f"Bearer {settings.stripe_secret_key}", "Stripe-Account": salon.account}
    answer = requests.request(
        method, f"{settings.stripe_api_base}{path}", headers=headers, data=fields, timeout=TIMEOUT_SECONDS
    )
    assert answer.ok, answer.text
    found: dict[str, Any] = answer.json()
    return found


def in_sandbox(salon: Salon, method: str, path: str, **fields: Any) -> dict[str, Any]:
    """A command of the sandbox's control pages."""
    base = salon.app.config["TITHI"].stripe_api_base
    answer = requests.request(method, f"{base}/_sandbox{path}", json=fields, timeout=TIMEOUT_SECONDS)
    assert answer.ok, answer.text
    found: dict[str, Any] = answer.json()
    return found


def charge_in_dashboard(salon: Salon, cents: int, **metadata: str) -> dict[str, Any]:
    """Take money from a card without Tithi."""
    return at_processor(
        salon,
        "POST",
        "/v1/payment_intents",
        amount=cents,
        currency="usd",
        payment_method="pm_card_visa",
        confirm="true",
        **{f"metadata[{name}]": value for name, value in metadata.items()},
    )


def refund_in_dashboard(salon: Salon, intent_ref: str, cents: int, *, fee: bool = True) -> dict[str, Any]:
    return at_processor(
        salon,
        "POST",
        "/v1/refunds",
        payment_intent=intent_ref,
        amount=cents,
        refund_application_fee=str(fee).lower(),
    )


def dispute(salon: Salon, charge_ref: str, reason: str = "fraudulent") -> dict[str, Any]:
    return in_sandbox(salon, "POST", f"/charges/{charge_ref}/dispute", reason=reason)


def pay_out(salon: Salon) -> dict[str, Any]:
    found: dict[str, Any] = in_sandbox(salon, "POST", f"/accounts/{salon.account}/payouts", currency="usd")["payout"]
    return found


def change_object(salon: Salon, kind: str, name: str, **fields: Any) -> None:
    in_sandbox(salon, "POST", f"/objects/{kind}/{name}", **fields)


def forget_object(salon: Salon, kind: str, name: str) -> None:
    in_sandbox(salon, "DELETE", f"/objects/{kind}/{name}")


def reconcile(salon: Salon, **window: str) -> dict[str, Any]:
    answer = salon.as_owner("POST", "/api/v1/payments/reconciliation", json=window)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def breaks(salon: Salon, status: str | None = None) -> list[dict[str, Any]]:
    """All breaks, or those of one status, newest first."""
    found: list[dict[str, Any]] = []
    query = f"limit=100{f'&status={status}' if status else ''}"
    cursor: str | None = ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = salon.as_owner("GET", f"/api/v1/payments/breaks?{query}{more}").json
        found += page["breaks"]
        cursor = page["next_cursor"]
    return found


def kept_books(salon: Salon, charge_ref: str) -> dict[str, str]:
    """A payout, a dispute and an open break of a business; gives their ids."""
    pay_out(salon)
    dispute(salon, charge_ref)
    charge_in_dashboard(salon, 1000, order=uuid4().hex)
    reconcile(salon)
    payouts = salon.as_owner("GET", "/api/v1/payments/payouts").json["payouts"]
    disputes = salon.as_owner("GET", "/api/v1/payments/disputes").json["disputes"]
    return {
        "payout_id": payouts[0]["id"],
        "dispute_id": disputes[0]["id"],
        "break_id": breaks(salon, "open")[0]["id"],
    }

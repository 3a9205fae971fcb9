# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A business's side of the payment sandbox, and the hands that tests need on it."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import requests
from flask import Flask
from sqlalchemy import text

from tests.factories.businesses import Answer, Salon
from tests.factories.worker import work
from tests.stack import WEBHOOK_SECRET, Stack
from tithi.integrations.stripe.sandbox.faults import FaultKind
from tithi.integrations.stripe.sandbox.params import Params
from tithi.integrations.stripe.sandbox.webhooks import signature
from tithi.platform import clock
from tithi.platform.db import transaction
from tithi.platform.tenancy import tenant_scope

AUTHORIZE = "POST /v1/payment_intents"
CAPTURE = "POST /v1/payment_intents/*/capture"
REFUND = "POST /v1/refunds"
TIMEOUT_SECONDS = 10
CARD_THAT_ASKS_AT_THE_DESK = "pm_card_authenticationRequired"


@dataclass(frozen=True, slots=True)
class Till:
    """One business with the sandbox it takes money through; faults meet its own account alone."""

    salon: Salon
    stack: Stack
    worker_app: Flask

    def fail(self, match: str, kind: FaultKind, *, times: int = 1, seconds: float = 0.0) -> None:
        self.stack.stripe.state.add_fault_from(
            Params({"match": match, "kind": kind, "times": times, "seconds": seconds, "account": self.salon.account})
        )

    def intents(self) -> list[dict[str, Any]]:
        return self.stack.stripe.state.objects("payment_intents", self.salon.account)

    def refunds(self) -> list[dict[str, Any]]:
        return self.stack.stripe.state.objects("refunds", self.salon.account)

    def balance_entries(self) -> list[dict[str, Any]]:
        return self.stack.stripe.state.objects("balance_transactions", self.salon.account)

    def taken(self) -> int:
        """What the sandbox took of cards for this business, in minor units."""
        return sum(intent["amount_received"] for intent in self.intents())

    def recover(self, **after: float) -> None:
        """Do what the worker does so much later; after a minute where nothing is said."""
        with later(**(after or {"seconds": 60})):
            work(self.worker_app)

    def kept(self, card: str) -> dict[str, Any]:
        """A confirmed booking with this card on file, its holder having proved themselves once."""
        salon = self.salon
        booking = salon.booked(payment_method={"type": "card", "stripe_payment_method_id": card})
        for setup in self.stack.stripe.state.objects("setup_intents", salon.account):
            if setup["status"] == "requires_action":
                self.stack.stripe.state.authenticate("setup_intents", setup["id"], succeeds=True)
        body = {"tenant_id": str(salon.tenant_id), "confirmation_number": booking["confirmation_number"]}
        confirmed = salon.request("POST", f"/booking/confirm/{booking['booking_id']}", None, json=body)
        assert confirmed.json["data"]["status"] == "confirmed", confirmed.text
        return booking

    def shown(self, booking_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.salon.as_owner("GET", f"/api/v1/bookings/{booking_id}").json
        return found

    def facts(self, code: str) -> int:
        """How often a fact was told."""
        statement = text("SELECT count(*) FROM event_outbox WHERE code = :code")
        with self.worker_app.app_context(), tenant_scope(self.salon.tenant_id), transaction() as current:
            return int(current.execute(statement, {"code": code}).scalar_one())

    def events(self) -> list[dict[str, Any]]:
        """What the sandbox would report of this business's account, newest first."""
        return self.stack.stripe.state.objects("events", self.salon.account)

    def tell(self, event: dict[str, Any]) -> None:
        """Deliver an event as the sandbox signs it, and let the worker handle it."""
        assert self.deliver(event).status_code == 200
        work(self.worker_app)

    def deliver(self, event: dict[str, Any], *, secret: str = WEBHOOK_SECRET, age_seconds: int = 0) -> Answer:
        body = json.dumps(event).encode()
        moment = int(time.time()) - age_seconds
        return self.salon.request(
            "POST",
            "/api/v1/payments/webhooks/connect",
            None,
            data=body,
            headers={"Stripe-Signature": signature(body, secret, moment), "Content-Type": "application/json"},
        )

    def pay_in_browser(self, action: dict[str, Any], card: str = "pm_card_visa") -> requests.Response:
        """Confirm a payment as the vendor's script in the customer's page does, with the secret it was given."""
        secret = action["client_secret"]
        return requests.post(
            f"{self.stack.stripe.url}/v1/payment_intents/{secret.partition('_secret_')[0]}/confirm",
            data={"client_secret": secret, "payment_method": card, "key": action["publishable_key"]},
            headers={"Authorization": f"Bearer {action['publishable_key']}", "Stripe-Account": action["account_id"]},
            timeout=TIMEOUT_SECONDS,
        )

    def detach(self, method: str) -> None:
        """Take a card away in the business's own dashboard."""
        self._dashboard(f"payment_methods/{method}/detach", {})

    def expire_cards(self, *, year: int, month: int) -> None:
        """Let the kept cards' dates be others, as the bank reports them."""
        for one in self.kept_methods():
            self._dashboard(
                f"payment_methods/{one['id']}", {"card[exp_year]": str(year), "card[exp_month]": str(month)}
            )

    def kept_methods(self) -> list[dict[str, Any]]:
        """The cards that the sandbox keeps with customers of this business."""
        methods = self.stack.stripe.state.objects("payment_methods", self.salon.account)
        return [one for one in methods if one["customer"] is not None]

    def _dashboard(self, path: str, data: dict[str, str]) -> None:
        answer = requests.post(
            f"{self.stack.stripe.url}/v1/{path}",
            data=data,
            headers={
                "Authorization": f"Bearer {self.stack.settings.stripe_secret_key}",
                "Stripe-Account": self.salon.account,
            },
            timeout=TIMEOUT_SECONDS,
        )
        assert answer.ok, answer.text

    def attempts(self) -> list[tuple[UUID, str]]:
        statement = text("SELECT id, status FROM payment_attempts ORDER BY created_at, id")
        with self.worker_app.app_context(), tenant_scope(self.salon.tenant_id), transaction() as current:
            return [(row.id, row.status) for row in current.execute(statement)]

    def expect_charged_once(self, booking_id: str, cents: int = 5000) -> None:
        """Check that money moved once, and that the business and its customer see that."""
        shown = self.shown(booking_id)
        assert (shown["status"], shown["payment_status"]) == ("completed", "captured"), shown
        assert shown["captured_cents"] == cents
        assert [intent["status"] for intent in self.intents()] == ["succeeded"]
        assert self.taken() == cents
        assert self.facts("payment.captured") == 1


@contextmanager
def later(**after: float) -> Iterator[None]:
    """Let the application's clock run that far ahead."""
    moment: Callable[[], Any] = clock.now
    ahead = timedelta(**after)
    started = moment()
    with clock.steered(lambda: started + ahead):
        yield

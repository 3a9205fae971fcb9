# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A business with a sandbox of its own that it pays Tithi through; the application's clock is the sandbox's."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from tests.factories.businesses import Answer, Salon, open_salon
from tests.factories.worker import work
from tests.stack import PLATFORM_WEBHOOK_SECRET, Stack
from tithi.integrations.stripe.billing_client import StripeBilling
from tithi.integrations.stripe.client import StripeProcessor
from tithi.integrations.stripe.sandbox import RunningSandbox, serve_in_thread
from tithi.integrations.stripe.sandbox.call import PLATFORM
from tithi.integrations.stripe.sandbox.faults import FaultKind
from tithi.integrations.stripe.sandbox.webhooks import signature
from tithi.platform import clock
from tithi.platform.db import refuse_open_transaction, transaction
from tithi.platform.tenancy import tenant_scope
from tithi.tenants.queries import directory

SUBSCRIPTION = "/api/v1/admin/subscription"
CARD = "pm_card_visa"
FAILS_LATER = "pm_card_chargeCustomerFail"
CENTS = 1199
ANSWERS_NOTHING = 1_000_000


@dataclass(slots=True)
class Lead:
    """How far the sandbox and the application are ahead of real time."""

    seconds: int = 0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.seconds)


@dataclass(slots=True)
class Subscriber:
    salon: Salon
    sandbox: RunningSandbox
    worker_app: Flask
    lead: Lead
    told: set[str] = field(default_factory=set)

    def now(self) -> datetime:
        return self.lead.now()

    def work(self) -> None:
        """Do what the worker would do now."""
        work(self.worker_app)

    def advance(self, **after: float) -> None:
        """Let time pass, everything be reported, and the worker do its part."""
        self.pass_time(**after)
        self.hear()

    def pass_time(self, **after: float) -> None:
        """Let time pass, with nothing heard of what happens at the processor."""
        seconds = int(timedelta(**after).total_seconds())
        self.sandbox.state.advance(seconds)
        self.lead.seconds += seconds

    def hear(self) -> None:
        for event in self.news():
            assert self.deliver(event).status_code == 200
        self.work()

    def news(self) -> list[dict[str, Any]]:
        """What happened on the platform's account and was not reported yet, oldest first."""
        found = [one for one in self.sandbox.state.objects("events", PLATFORM) if one["id"] not in self.told]
        self.told |= {event["id"] for event in found}
        return found[::-1]

    def deliver(self, event: dict[str, Any], *, secret: str = PLATFORM_WEBHOOK_SECRET, age_seconds: int = 0) -> Answer:
        body = json.dumps(event).encode()
        return self.salon.request(
            "POST",
            "/api/v1/payments/webhooks/platform",
            None,
            data=body,
            headers={
                "Stripe-Signature": signature(body, secret, int(time.time()) - age_seconds),
                "Content-Type": "application/json",
            },
        )

    def shown(self) -> dict[str, Any]:
        answer = self.salon.as_owner("GET", SUBSCRIPTION)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found

    def standing(self) -> tuple[str, str | None, str]:
        """The word shown, the processor's, and what it entitles to."""
        shown = self.shown()
        return shown["status"], shown["processor_status"], shown["entitlement"]["level"]

    def press(self, word: str, *, key: str | None = None) -> Answer:
        return self.salon.as_owner("POST", f"{SUBSCRIPTION}/{word}", key=key or str(uuid4()))

    def pressed(self, word: str) -> dict[str, Any]:
        answer = self.press(word)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found

    def enter_card(self, name: str | None = CARD, *, key: str | None = None) -> Answer:
        body = {"payment_method_id": name} if name else {}
        return self.salon.as_owner("POST", f"{SUBSCRIPTION}/card", key=key or str(uuid4()), json=body)

    def has_card(self, name: str = CARD) -> None:
        answer = self.enter_card(name)
        assert (answer.status_code, answer.json.get("card_status")) == (200, "card_on_file"), answer.text

    def subscriptions(self) -> list[dict[str, Any]]:
        """The business's subscriptions as the processor has them, newest first."""
        found = self.sandbox.state.objects("subscriptions", PLATFORM)
        return [one for one in found if one["metadata"]["tenant_id"] == str(self.salon.tenant_id)]

    def paid(self) -> list[int]:
        """What was charged to the business, oldest first."""
        names = {one["id"] for one in self.subscriptions()}
        return [
            invoice["amount_paid"]
            for invoice in reversed(self.sandbox.state.objects("invoices", PLATFORM))
            if invoice["amount_paid"] and invoice["parent"]["subscription_details"]["subscription"] in names
        ]

    def facts(self) -> list[str]:
        """What was told of the subscription, oldest first."""
        statement = "SELECT code FROM event_outbox WHERE code LIKE 'subscription.%' ORDER BY occurred_at, id"
        return [code for (code,) in self.rows(statement)]

    def rows(self, statement: str) -> list[Any]:
        with self.worker_app.app_context(), tenant_scope(self.salon.tenant_id), transaction() as current:
            return list(current.execute(text(statement)).all())

    def fail(self, match: str, kind: FaultKind, *, times: int = 1) -> None:
        self.sandbox.state.add_fault(match, kind, times=times)

    @contextmanager
    def out_of_reach(self) -> Iterator[None]:
        """The processor answers nothing at all."""
        self.fail("*", "reset", times=ANSWERS_NOTHING)
        try:
            yield
        finally:
            self.sandbox.state.clear_faults()

    def can_book(self) -> bool:
        directory.forget()
        answer = self.salon.book()
        assert answer.status_code in {201, 403}, answer.text
        return answer.status_code == 201


@contextmanager
def subscribing(app: Flask, worker_app: Flask, stack: Stack, patch: pytest.MonkeyPatch) -> Iterator[Subscriber]:
    """Open a business whose subscription lives in a sandbox that nobody else uses."""
    sandbox = serve_in_thread(secret_key=stack.settings.stripe_secret_key)
    processor = StripeProcessor(
        secret_key=sandbox.secret_key, api_base=sandbox.url, before_call=refuse_open_transaction
    )
    ours = replace(app.extensions["tithi.billing"], processor=StripeBilling(processor), events=processor)
    for application in (app, worker_app):
        patch.setitem(application.extensions, "tithi.billing", ours)
    lead = Lead()
    try:
        with clock.steered(lead.now):
            opened = Subscriber(open_salon(app, subscribed=False), sandbox, worker_app, lead)
            yield opened
            opened.rows("DELETE FROM timers RETURNING 1")
    finally:
        processor.close()
        sandbox.stop()

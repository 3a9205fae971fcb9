# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Delivery of events to the listening endpoints: signed, retried, in the background."""

import hmac
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from threading import Condition, Thread

import requests

from tithi.integrations.stripe.sandbox.store import Body, Store, new_id

RETRY_AFTER_SECONDS = (0.2, 1.0, 3.0, 10.0, 30.0, 120.0)
TIMEOUT_SECONDS = 10.0
_HOLDING = "webhooks_held"
_DROPPING = "webhooks_dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    """Where events go; `connect` chooses those of connected accounts, otherwise those of the platform's own."""

    url: str
    secret: str
    connect: bool


def queue_delivery(store: Store, *, account: str, event_id: str, endpoint: int) -> None:
    """Promise the event to an endpoint; one that is dropped stays undelivered until it is asked for again."""
    delivery = {"id": new_id("whd"), "account": account, "event": event_id, "endpoint": endpoint, "tries": 0, "next": 0}
    store.put("deliveries", account, delivery, owner="dropped" if store.fact(_DROPPING) else "waiting")


def signature(payload: bytes, secret: str, moment: int) -> str:
    """The header that proves a payload to the holder of the secret; `moment` is in real time."""
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + payload, sha256).hexdigest()
    return f"t={moment},v1={digest}"


class Deliverer:
    """Sends what waits, one at a time, from a thread of its own; `holds` keeps everything waiting."""

    def __init__(self, store: Store, endpoints: Sequence[WebhookEndpoint]) -> None:
        self._store = store
        self._endpoints = tuple(endpoints)
        self._wake = Condition()
        self._is_stopping = False
        self._has_news = True
        self._thread = Thread(target=self._run, name="sandbox-webhooks", daemon=True)

    def start(self) -> None:
        if self._endpoints:
            self._thread.start()

    def stop(self) -> None:
        with self._wake:
            self._is_stopping = True
            self._wake.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def nudge(self) -> None:
        with self._wake:
            self._has_news = True
            self._wake.notify_all()

    def hold(self, *, is_held: bool) -> None:
        self._store.set_fact(_HOLDING, "yes" if is_held else "")

    def drop(self, *, is_dropped: bool) -> None:
        self._store.set_fact(_DROPPING, "yes" if is_dropped else "")

    def resend(self, event_id: str) -> int:
        """Queue every delivery of the event again, delivered or not, and answer how many there are."""
        deliveries = [delivery for delivery in self._store.every("deliveries") if delivery["event"] == event_id]
        for delivery in deliveries:
            self._store.put("deliveries", delivery["account"], delivery | {"tries": 0, "next": 0}, owner="waiting")
        return len(deliveries)

    def _run(self) -> None:
        with requests.Session() as session:
            while not self._is_stopping:
                pause = self._send_due(session)
                with self._wake:
                    if not self._has_news and not self._is_stopping:
                        self._wake.wait(pause)
                    self._has_news = False

    def _send_due(self, session: requests.Session) -> float | None:
        """Send what is due and answer the seconds until the next try, if one is planned."""
        with self._store.transaction():
            is_held = bool(self._store.fact(_HOLDING))
            waiting = [] if is_held else list(self._store.every("deliveries", owner="waiting"))
        planned = []
        for delivery in reversed(waiting):
            if self._is_stopping:
                return None
            if delivery["next"] > time.time() or not self._send(session, delivery):
                planned.append(delivery["next"])
        return max(0.0, min(planned) - time.time()) if planned else None

    def _send(self, session: requests.Session, delivery: Body) -> bool:
        """Try once; true when no further try is to come."""
        with self._store.transaction():
            event = self._store.find("events", delivery["account"], delivery["event"])
        is_delivered = event is None or _post(
            session, self._endpoints[delivery["endpoint"]], json.dumps(event).encode()
        )
        delivery["tries"] += 1
        state = "done"
        if not is_delivered:
            tries: int = delivery["tries"]
            state = "failed" if tries > len(RETRY_AFTER_SECONDS) else "waiting"
            delivery["next"] = time.time() + (RETRY_AFTER_SECONDS[tries - 1] if state == "waiting" else 0)
        with self._store.transaction():
            self._store.put("deliveries", delivery["account"], delivery, owner=state)
            if is_delivered and event is not None:
                pending = max(0, event["pending_webhooks"] - 1)
                self._store.put("events", delivery["account"], event | {"pending_webhooks": pending})
        return state != "waiting"


def _post(session: requests.Session, endpoint: WebhookEndpoint, payload: bytes) -> bool:
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature(payload, endpoint.secret, int(time.time())),
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    }
    try:
        return session.post(
            endpoint.url, data=payload, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
        ).ok
    except requests.RequestException:
        return False

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The inbox for what outside services send: stored once, answered at once, handled by the worker."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import structlog
from sqlalchemy import text

from tithi.platform import clock
from tithi.platform.db import session, transaction
from tithi.platform.ids import new_id
from tithi.platform.tenancy import scope_without_tenant

LEASE = timedelta(seconds=60)
LONGEST_WAIT_SECONDS = 3600
MOST_ATTEMPTS = 50

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Received:
    """One thing received; `summary` is what its room read from it when it was verified."""

    id: UUID
    endpoint: str
    event_id: str
    summary: dict[str, Any]
    attempts: int


class RefusedError(Exception):
    """What was received is not to be acted on, now or later; it is kept with the reason."""


_consumers: dict[str, Callable[[Received], None]] = {}


def consumes(endpoint: str) -> Callable[[Callable[[Received], None]], Callable[[Received], None]]:
    """Register what handles the things received at `endpoint`; it runs with no scope and no transaction open."""

    def register(function: Callable[[Received], None]) -> Callable[[Received], None]:
        _consumers[endpoint] = function
        return function

    return register


def store(*, endpoint: str, event_id: str, body: bytes, headers: dict[str, str], summary: dict[str, Any]) -> bool:
    """Keep what was received, once per endpoint and event id; says whether it was new."""
    result: Any = session().execute(
        text(
            "INSERT INTO webhook_inbox (id, endpoint, event_id, body, headers, summary, received_at, available_at)"
            " VALUES (:id, :endpoint, :event_id, :body, CAST(:headers AS jsonb),"
            " CAST(:summary AS jsonb), :now, :now) ON CONFLICT DO NOTHING"
        ),
        {
            "id": new_id(),
            "endpoint": endpoint,
            "event_id": event_id,
            "body": body,
            "headers": orjson.dumps(headers).decode(),
            "summary": orjson.dumps(summary).decode(),
            "now": clock.now(),
        },
    )
    return bool(result.rowcount)


def consume_due() -> int:
    """Handle what was received and is open; says how many."""
    total = 0
    while received := _claim():
        _consume(received)
        total += 1
    return total


def prune(*, older_than: timedelta) -> int:
    """Delete what was received and handled before `older_than` ago; says how much."""
    with scope_without_tenant(), transaction() as current:
        result: Any = current.execute(
            text("DELETE FROM webhook_inbox WHERE state = 'done' AND received_at < :before"),
            {"before": clock.now() - older_than},
        )
        return int(result.rowcount)


def _claim() -> Received | None:
    now = clock.now()
    with scope_without_tenant(), transaction() as current:
        row = current.execute(
            text(
                "UPDATE webhook_inbox SET available_at = :lease, attempts = attempts + 1 WHERE id = ("
                " SELECT id FROM webhook_inbox WHERE state = 'open' AND available_at <= :now"
                " ORDER BY available_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
                " RETURNING id, endpoint, event_id, summary, attempts"
            ),
            {"now": now, "lease": now + LEASE},
        ).one_or_none()
    return Received(row.id, row.endpoint, row.event_id, row.summary, row.attempts) if row else None


def _consume(received: Received) -> None:
    consumer = _consumers.get(received.endpoint)
    try:
        if consumer is None:
            _close(received, "dead", "no consumer")
            return
        consumer(received)
        _close(received, "done", None)
    except RefusedError as refusal:
        log.error("inbox.refused", endpoint=received.endpoint, reason=str(refusal))  # noqa: TRY400 - an alarm, no fault
        _close(received, "dead", str(refusal))
    except Exception as error:  # a consumer may fail in any way; it is tried again
        log.exception("inbox.failed", endpoint=received.endpoint)
        wait = min(LONGEST_WAIT_SECONDS, 2 ** min(received.attempts, 12))
        state = "dead" if received.attempts >= MOST_ATTEMPTS else "open"
        _close(received, state, type(error).__name__, wait)


def _close(received: Received, state: str, error: str | None, wait_seconds: int = 0) -> None:
    with scope_without_tenant(), transaction() as current:
        current.execute(
            text("UPDATE webhook_inbox SET state = :state, last_error = :error, available_at = :at WHERE id = :id"),
            {"state": state, "error": error, "at": clock.now() + timedelta(seconds=wait_seconds), "id": received.id},
        )

"""Hands facts to their handlers: each database effect exactly once, in order per handler and aggregate.

A delivery is `available`, `running`, `retryable`, `discarded` or `done`. While one runs, `available_at` is the end of
its lease; whoever takes it over raises `fence`, and a result is accepted only with the present fence.
"""

import random
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text

from tithi.platform import clock, events, metrics
from tithi.platform.db import session, transaction
from tithi.platform.tenancy import scope_without_tenant, tenant_scope

BATCH = 100
NETWORK_BATCH = 10
LEASE = timedelta(seconds=20)
NETWORK_LEASE = timedelta(seconds=90)
GIVE_UP_AFTER = timedelta(hours=24)
LONGEST_WAIT_SECONDS = 3600
FIRST_WAIT_SECONDS = 2

log = structlog.get_logger(__name__)
_delivery_key: ContextVar[str] = ContextVar("tithi_delivery_key")


class FenceLostError(Exception):
    """Another worker took the deliveries over while this one was at work."""


@dataclass(frozen=True, slots=True)
class Delivery:
    tenant_id: UUID
    id: UUID
    handler: str
    network: bool
    fence: int
    attempts: int
    code: str
    payload: dict[str, Any]
    event_id: UUID
    actor: str
    request_id: str
    aggregate_id: UUID
    created_at: Any


_CLAIM = text(
    """
    WITH pick AS MATERIALIZED (
        SELECT d.tenant_id, d.handler, d.network FROM deliveries d
        WHERE d.state IN ('available', 'running', 'retryable') AND d.available_at <= :now AND NOT EXISTS (
            SELECT FROM deliveries e WHERE e.state IN ('available', 'running', 'retryable')
            AND e.tenant_id = d.tenant_id AND e.handler = d.handler
            AND e.aggregate_id = d.aggregate_id AND e.seq < d.seq)
        ORDER BY d.available_at, d.seq LIMIT 1 FOR UPDATE SKIP LOCKED
    ), batch AS MATERIALIZED (
        SELECT d.tenant_id, d.id FROM pick p JOIN deliveries d ON d.tenant_id = p.tenant_id AND d.handler = p.handler
        WHERE d.state IN ('available', 'running', 'retryable') AND d.available_at <= :now AND NOT EXISTS (
            SELECT FROM deliveries e WHERE e.state IN ('available', 'running', 'retryable')
            AND e.tenant_id = d.tenant_id AND e.handler = d.handler
            AND e.aggregate_id = d.aggregate_id AND e.seq < d.seq)
        ORDER BY d.available_at, d.seq
        LIMIT (SELECT CASE WHEN network THEN CAST(:network_batch AS int) ELSE CAST(:batch AS int) END FROM pick)
        FOR UPDATE OF d SKIP LOCKED
    )
    UPDATE deliveries d SET state = 'running', attempts = d.attempts + 1, fence = d.fence + 1,
        available_at = CASE WHEN d.network THEN CAST(:network_lease AS timestamptz) ELSE CAST(:lease AS timestamptz) END
    FROM batch b, event_outbox e
    WHERE d.tenant_id = b.tenant_id AND d.id = b.id AND e.tenant_id = d.tenant_id AND e.id = d.event_id
    RETURNING d.tenant_id, d.id, d.handler, d.network, d.fence, d.attempts, e.code, e.payload, e.id AS event_id,
        e.actor, e.request_id, d.aggregate_id, d.created_at, d.seq
    """
)

_MARK_DONE = text(
    """
    UPDATE deliveries d SET state = 'done', done_at = :now, last_error = NULL
    FROM unnest(CAST(:ids AS uuid[]), CAST(:fences AS int[])) AS r(id, fence)
    WHERE d.tenant_id = :tenant_id AND d.id = r.id AND d.fence = r.fence AND d.state = 'running'
    """
)

_MARK_FAILED = text(
    """
    UPDATE deliveries SET state = :state, available_at = :available_at, last_error = :error
    WHERE tenant_id = :tenant_id AND id = :id AND fence = :fence AND state = 'running'
    """
)


def delivery_key() -> str:
    """Inside a network handler: the key under which the outside accepts its effect once."""
    return _delivery_key.get()


def drain_batch() -> int:
    """Claim one batch of one tenant and one handler, run it, and say how many deliveries it held."""
    deliveries = _claim()
    if not deliveries:
        return 0
    first = deliveries[0]
    handler = events.known_handlers().get(first.handler)
    if handler is None:
        for delivery in deliveries:
            _fail(delivery, "no such handler", discard=True)
    elif handler.network:
        for delivery in deliveries:
            _run_outside(handler, delivery)
    else:
        _run_together(handler, deliveries)
    return len(deliveries)


def drain(*, batches: int = 1000) -> int:
    """Run batches until nothing is open and due, or `batches` were run."""
    total = 0
    for _ in range(batches):
        count = drain_batch()
        if not count:
            break
        total += count
    return total


def _claim() -> list[Delivery]:
    now = clock.now()
    with scope_without_tenant(), transaction() as current:
        rows = current.execute(
            _CLAIM,
            {
                "now": now,
                "lease": now + LEASE,
                "network_lease": now + NETWORK_LEASE,
                "batch": BATCH,
                "network_batch": NETWORK_BATCH,
            },
        ).all()
    return [Delivery(*row[:-1]) for row in sorted(rows, key=lambda row: row.seq)]


def _run_together(handler: events.Handler, deliveries: list[Delivery]) -> None:
    """All in one transaction; when one of them fails, again one by one, so that it alone is undone."""
    first = deliveries[0]
    try:
        with tenant_scope(first.tenant_id, actor=first.actor, request_id=first.request_id), transaction():
            for delivery in deliveries:
                _call(handler, delivery)
            _mark_done(deliveries)
    except FenceLostError:
        log.warning("outbox.fence_lost", handler=handler.name)
    except Exception as error:  # noqa: BLE001 - a handler may fail in any way; the delivery keeps the reason
        if len(deliveries) == 1:
            _fail(first, _reason(error))
            return
        for delivery in deliveries:
            _run_together(handler, [delivery])
    else:
        metrics.deliveries.labels(handler.name, "done").inc(len(deliveries))


def _run_outside(handler: events.Handler, delivery: Delivery) -> None:
    token = _delivery_key.set(f"{delivery.event_id}:{handler.name}")
    try:
        with tenant_scope(delivery.tenant_id, actor=delivery.actor, request_id=delivery.request_id):
            _call(handler, delivery)
            with transaction():
                _mark_done([delivery])
        metrics.deliveries.labels(handler.name, "done").inc()
    except FenceLostError:
        log.warning("outbox.fence_lost", handler=handler.name)
    except Exception as error:  # noqa: BLE001 - a handler may fail in any way; the delivery keeps the reason
        _fail(delivery, _reason(error))
    finally:
        _delivery_key.reset(token)


def _call(handler: events.Handler, delivery: Delivery) -> None:
    handler.function(handler.event.from_payload(delivery.payload))


def _mark_done(deliveries: list[Delivery]) -> None:
    result: Any = session().execute(
        _MARK_DONE,
        {
            "now": clock.now(),
            "tenant_id": deliveries[0].tenant_id,
            "ids": [str(delivery.id) for delivery in deliveries],
            "fences": [delivery.fence for delivery in deliveries],
        },
    )
    if result.rowcount != len(deliveries):
        raise FenceLostError


def _fail(delivery: Delivery, reason: str, *, discard: bool = False) -> None:
    now = clock.now()
    given_up = discard or now - delivery.created_at >= GIVE_UP_AFTER
    wait = random.uniform(0, min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(delivery.attempts, 20)))  # noqa: S311 - jitter
    state = "discarded" if given_up else "retryable"
    with tenant_scope(delivery.tenant_id), transaction() as current:
        current.execute(
            _MARK_FAILED,
            {
                "state": state,
                "available_at": now + timedelta(seconds=wait),
                "error": reason,
                "tenant_id": delivery.tenant_id,
                "id": delivery.id,
                "fence": delivery.fence,
            },
        )
    metrics.deliveries.labels(delivery.handler, state).inc()
    log.warning("outbox.failed", handler=delivery.handler, code=delivery.code, state=state, reason=reason)


def _reason(error: BaseException) -> str:
    return type(error).__name__


def dead_letters(*, limit: int = 100) -> list[dict[str, Any]]:
    """The discarded deliveries of all tenants, newest first."""
    with scope_without_tenant(), transaction() as current:
        rows = current.execute(
            text(
                "SELECT d.tenant_id, d.id, d.handler, e.code, d.attempts, d.last_error, d.created_at FROM deliveries d"
                " JOIN event_outbox e ON e.tenant_id = d.tenant_id AND e.id = d.event_id"
                " WHERE d.state = 'discarded' ORDER BY d.created_at DESC LIMIT :limit"
            ),
            {"limit": limit},
        ).mappings()
        return [dict(row) for row in rows]


def replay(delivery_id: UUID | None = None) -> int:
    """Make one discarded delivery, or all of them, available again; says how many."""
    now = clock.now()
    with scope_without_tenant(), transaction() as current:
        result: Any = current.execute(
            text(
                "UPDATE deliveries SET state = 'available', available_at = :now, created_at = :now, last_error = NULL"
                " WHERE state = 'discarded' AND (CAST(:id AS uuid) IS NULL OR id = CAST(:id AS uuid))"
            ),
            {"now": now, "id": delivery_id},
        )
        return int(result.rowcount)


def oldest_open_age() -> float:
    """Seconds since the oldest delivery that is due and not done became due; 0 when there is none."""
    now = clock.now()
    with scope_without_tenant(), transaction() as current:
        oldest = current.execute(
            text("SELECT min(created_at) FROM deliveries WHERE state IN ('available', 'running', 'retryable')")
        ).scalar()
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0


def prune(*, older_than: timedelta) -> int:
    """Delete deliveries that were done before `older_than` ago, with the facts that nobody still has to hear."""
    before = clock.now() - older_than
    with scope_without_tenant(), transaction() as current:
        result: Any = current.execute(
            text("DELETE FROM deliveries WHERE state = 'done' AND done_at < :before"), {"before": before}
        )
        return int(result.rowcount)

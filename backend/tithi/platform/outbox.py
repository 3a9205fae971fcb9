# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Hands facts to their handlers: each database effect exactly once, in order per handler and aggregate.

A delivery is `available`, `running`, `retryable`, `discarded` or `done`. A handler of the database runs while its
deliveries are locked, in the transaction that marks them done. One that needs the network runs outside of any: its
delivery is `running`, `available_at` is the end of its lease, whoever takes it over raises `fence`, and a result is
accepted only with the present fence.
"""

import random
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text

from tithi.platform import clock, events, metrics
from tithi.platform.db import session, transaction
from tithi.platform.tenancy import scope_without_tenant, tenant_scope

BATCH = 100
NETWORK_BATCH = 10
MOST_IN_A_ROW = 20
NETWORK_LEASE = timedelta(seconds=90)
GIVE_UP_AFTER = timedelta(hours=24)
LONGEST_WAIT_SECONDS = 3600
FIRST_WAIT_SECONDS = 2

log = structlog.get_logger(__name__)
_delivery_key: ContextVar[str] = ContextVar("tithi_delivery_key")


class FenceLostError(Exception):
    """Another worker took the deliveries over while this one was at work."""


@dataclass(frozen=True, slots=True)
class Group:
    """What a batch is taken from; `actor` and `request_id` are those of its first fact."""

    tenant_id: UUID
    handler: str
    network: bool
    actor: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """`attempts` counts this one; `id` and `event_id` are text, because nothing here looks into them."""

    tenant_id: UUID
    handler: str
    id: str
    fence: int
    attempts: int
    code: str
    payload: dict[str, Any]
    event_id: str
    created_at: datetime


# The commit need not wait for the disk: a crash undoes a handler's effect together with the mark that it was done, and
# it is done again. What goes outside is leased before, by a commit that waits for this one too.
_UNHURRIED = "(SELECT set_config('synchronous_commit', 'off', true))"
_DUE = """
    d.state IN ('available', 'running', 'retryable') AND d.available_at <= :now AND NOT EXISTS (
        SELECT FROM deliveries o WHERE o.state IN ('available', 'running', 'retryable')
        AND o.tenant_id = d.tenant_id AND o.handler = d.handler AND o.aggregate_id = d.aggregate_id AND o.seq < d.seq)
"""
_WITH_FACT = """
    FROM deliveries d JOIN event_outbox e ON e.tenant_id = d.tenant_id AND e.id = d.event_id
"""
_PICK = text(
    f"""
    SELECT d.tenant_id, d.handler, d.network, e.actor, e.request_id, {_UNHURRIED} {_WITH_FACT}
    WHERE {_DUE} ORDER BY d.available_at, d.seq LIMIT 1 FOR UPDATE OF d SKIP LOCKED
    """
)
_LOCK = text(
    f"""
    SELECT CAST(d.id AS text), d.fence, d.attempts + 1, e.code, e.payload, CAST(e.id AS text), d.created_at,
        CASE WHEN d.network THEN '' ELSE {_UNHURRIED} END {_WITH_FACT}
    WHERE d.tenant_id = :tenant_id AND d.handler = :handler AND {_DUE}
    AND (CAST(:id AS uuid) IS NULL OR d.id = CAST(:id AS uuid))
    ORDER BY d.available_at, d.seq LIMIT :batch FOR UPDATE OF d SKIP LOCKED
    """
)
_LEASE = text(
    """
    UPDATE deliveries SET state = 'running', attempts = attempts + 1, fence = fence + 1, available_at = :lease
    WHERE tenant_id = :tenant_id AND id = ANY(CAST(:ids AS uuid[]))
    """
)

_MARK_LOCKED_DONE = text(
    """
    UPDATE deliveries SET state = 'done', attempts = attempts + 1, done_at = :now, last_error = NULL
    WHERE tenant_id = :tenant_id AND id = ANY(CAST(:ids AS uuid[]))
    """
)

_MARK_LEASED_DONE = text(
    """
    UPDATE deliveries SET state = 'done', done_at = :now, last_error = NULL
    WHERE tenant_id = :tenant_id AND id = CAST(:id AS uuid) AND fence = :fence AND state = 'running'
    """
)

_MARK_FAILED = text(
    """
    UPDATE deliveries SET state = :state, attempts = :attempts, fence = fence + 1, available_at = :available_at,
        last_error = :error
    WHERE tenant_id = :tenant_id AND id = CAST(:id AS uuid) AND fence = :fence
    AND state IN ('available', 'running', 'retryable')
    """
)


_PRUNE = text(
    """
    WITH gone AS (
        DELETE FROM deliveries WHERE state = 'done' AND done_at < :before RETURNING tenant_id, event_id
    ), unheard AS (
        DELETE FROM event_outbox e USING (SELECT DISTINCT tenant_id, event_id FROM gone) g
        WHERE e.tenant_id = g.tenant_id AND e.id = g.event_id AND NOT EXISTS (
            SELECT FROM deliveries o WHERE o.tenant_id = e.tenant_id AND o.event_id = e.id
            AND NOT (o.state = 'done' AND o.done_at < :before))
    )
    SELECT count(*) FROM gone
    """
)


def delivery_key() -> str:
    """Inside a network handler: the key under which the outside accepts its effect once."""
    return _delivery_key.get()


def drain(*, batches: int = 1000) -> int:
    """Run batches of one tenant and one handler until nothing is open and due, or `batches` were run; says how many.

    A group whose batches are full is gone on with, for a while: then the others have their turn.
    """
    total = in_a_row = 0
    group: Group | None = None
    for _ in range(batches):
        if group is None or in_a_row == MOST_IN_A_ROW:
            group, in_a_row = _pick(), 0
        if group is None:
            break
        count = _run(group)
        if not count:
            break
        total += count
        in_a_row += 1
        if count < BATCH:
            group = None
    return total


def _run(group: Group) -> int:
    handler = events.known_handlers().get(group.handler)
    if handler is None:
        return _discard(group)
    if handler.network:
        return _run_outside(group, handler)
    return _run_together(group, handler)


def _pick() -> Group | None:
    with scope_without_tenant(), transaction() as current:
        row = current.execute(_PICK, {"now": clock.now()}).one_or_none()
    return None if row is None else Group(*row[:5])


def _lock(group: Group, *, batch: int, delivery_id: str | None = None) -> list[Delivery]:
    """The next deliveries of the group, or the one of that id, locked until the open transaction ends."""
    parameters = {
        "now": clock.now(),
        "tenant_id": group.tenant_id,
        "handler": group.handler,
        "batch": batch,
        "id": delivery_id,
    }
    return [Delivery(group.tenant_id, group.handler, *row[:7]) for row in session().execute(_LOCK, parameters)]


def _run_together(group: Group, handler: events.Handler) -> int:
    """All in one transaction; when one of them fails, again one by one, so that it alone is undone."""
    deliveries: list[Delivery] = []
    try:
        with _scope_of(group), transaction():
            deliveries += _lock(group, batch=BATCH)
            _run_locked(handler, deliveries)
    except Exception as error:
        if not deliveries:
            raise
        if len(deliveries) == 1:
            _fail(deliveries[0], _reason(error))
        else:
            for delivery in deliveries:
                _run_alone(group, handler, delivery)
    else:
        metrics.deliveries.labels(handler.name, "done").inc(len(deliveries))
    return len(deliveries)


def _run_alone(group: Group, handler: events.Handler, delivery: Delivery) -> None:
    try:
        with _scope_of(group), transaction():
            still_due = _lock(group, batch=1, delivery_id=delivery.id)
            _run_locked(handler, still_due)
    except Exception as error:  # noqa: BLE001 - a handler may fail in any way; the delivery keeps the reason
        _fail(delivery, _reason(error))
    else:
        metrics.deliveries.labels(handler.name, "done").inc(len(still_due))


def _run_locked(handler: events.Handler, deliveries: list[Delivery]) -> None:
    if not deliveries:
        return
    for delivery in deliveries:
        _call(handler, delivery)
    session().execute(
        _MARK_LOCKED_DONE,
        {
            "now": clock.now(),
            "tenant_id": deliveries[0].tenant_id,
            "ids": [delivery.id for delivery in deliveries],
        },
    )


def _lease(group: Group) -> list[Delivery]:
    with _scope_of(group), transaction() as current:
        found = _lock(group, batch=NETWORK_BATCH)
        current.execute(
            _LEASE,
            {
                "lease": clock.now() + NETWORK_LEASE,
                "tenant_id": group.tenant_id,
                "ids": [delivery.id for delivery in found],
            },
        )
    return [replace(delivery, fence=delivery.fence + 1) for delivery in found]


def _discard(group: Group) -> int:
    found = _lease(group)
    for delivery in found:
        _fail(delivery, "no such handler", discard=True)
    return len(found)


def _run_outside(group: Group, handler: events.Handler) -> int:
    found = _lease(group)
    for delivery in found:
        _run_leased(group, handler, delivery)
    return len(found)


def _run_leased(group: Group, handler: events.Handler, delivery: Delivery) -> None:
    token = _delivery_key.set(f"{delivery.event_id}:{handler.name}")
    try:
        with _scope_of(group):
            _call(handler, delivery)
            with transaction():
                _mark_leased_done(delivery)
        metrics.deliveries.labels(handler.name, "done").inc()
    except FenceLostError:
        log.warning("outbox.fence_lost", handler=handler.name)
    except Exception as error:  # noqa: BLE001 - a handler may fail in any way; the delivery keeps the reason
        _fail(delivery, _reason(error))
    finally:
        _delivery_key.reset(token)


def _scope_of(group: Group) -> AbstractContextManager[None]:
    return tenant_scope(group.tenant_id, actor=group.actor, request_id=group.request_id)


def _call(handler: events.Handler, delivery: Delivery) -> None:
    handler.function(handler.event.from_payload(delivery.payload))


def _mark_leased_done(delivery: Delivery) -> None:
    result: Any = session().execute(
        _MARK_LEASED_DONE,
        {"now": clock.now(), "tenant_id": delivery.tenant_id, "id": delivery.id, "fence": delivery.fence},
    )
    if result.rowcount != 1:
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
                "attempts": delivery.attempts,
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
        return int(current.execute(_PRUNE, {"before": before}).scalar_one())

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Work at a time: one table of timers that the worker reads across tenants, so that no task loops over them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text

from tithi.platform import clock
from tithi.platform.db import session, transaction
from tithi.platform.tenancy import current_tenant_id, scope_without_tenant, tenant_scope

LEASE = timedelta(seconds=60)
BATCH = 50
LONGEST_WAIT_SECONDS = 900

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TimerKind:
    name: str
    function: Callable[[UUID], None]
    network: bool


@dataclass(frozen=True, slots=True)
class DueTimer:
    tenant_id: UUID
    kind: str
    owner_id: UUID
    fence: int
    attempts: int


_kinds: dict[str, TimerKind] = {}


def timer(kind: str, *, network: bool = False) -> Callable[[Callable[[UUID], None]], Callable[[UUID], None]]:
    """Register what happens when a timer of this kind is due; with `network` it runs with no transaction open."""

    def register(function: Callable[[UUID], None]) -> Callable[[UUID], None]:
        _kinds[kind] = TimerKind(kind, function, network)
        return function

    return register


def known_timers() -> dict[str, TimerKind]:
    return dict(_kinds)


def schedule(kind: str, owner_id: UUID, due_at: datetime) -> None:
    """Set, or move, the timer of `owner_id`, in the caller's transaction."""
    session().execute(
        text(
            "INSERT INTO timers (tenant_id, kind, owner_id, due_at) VALUES (:tenant_id, :kind, :owner_id, :due_at)"
            " ON CONFLICT (tenant_id, kind, owner_id) DO UPDATE"
            " SET due_at = excluded.due_at, fence = timers.fence + 1, attempts = 0"
        ),
        {"tenant_id": current_tenant_id(), "kind": kind, "owner_id": owner_id, "due_at": due_at},
    )


def ensure(kind: str, owner_id: UUID, due_at: datetime) -> None:
    """Set the timer of `owner_id` where there is none, in the caller's transaction."""
    session().execute(
        text(
            "INSERT INTO timers (tenant_id, kind, owner_id, due_at) VALUES (:tenant_id, :kind, :owner_id, :due_at)"
            " ON CONFLICT (tenant_id, kind, owner_id) DO NOTHING"
        ),
        {"tenant_id": current_tenant_id(), "kind": kind, "owner_id": owner_id, "due_at": due_at},
    )


def cancel(kind: str, owner_id: UUID) -> None:
    session().execute(
        text("DELETE FROM timers WHERE tenant_id = :tenant_id AND kind = :kind AND owner_id = :owner_id"),
        {"tenant_id": current_tenant_id(), "kind": kind, "owner_id": owner_id},
    )


def fire_due() -> int:
    """Run the timers that are due, of all tenants; says how many."""
    total = 0
    while due := _claim():
        for one in due:
            _fire(one)
        total += len(due)
    return total


def _claim() -> list[DueTimer]:
    now = clock.now()
    with scope_without_tenant(), transaction() as current:
        rows = current.execute(
            text(
                "WITH due AS (SELECT tenant_id, kind, owner_id FROM timers WHERE due_at <= :now ORDER BY due_at"
                " LIMIT :batch FOR UPDATE SKIP LOCKED)"
                " UPDATE timers t SET due_at = :lease, fence = t.fence + 1, attempts = t.attempts + 1 FROM due d"
                " WHERE t.tenant_id = d.tenant_id AND t.kind = d.kind AND t.owner_id = d.owner_id"
                " RETURNING t.tenant_id, t.kind, t.owner_id, t.fence, t.attempts"
            ),
            {"now": now, "lease": now + LEASE, "batch": BATCH},
        ).all()
    return [DueTimer(*row) for row in rows]


def _fire(due: DueTimer) -> None:
    kind = _kinds.get(due.kind)
    if kind is None:
        log.error("timer.unknown", kind=due.kind)
        return
    try:
        with tenant_scope(due.tenant_id, actor=f"timer:{due.kind}"):
            if kind.network:
                kind.function(due.owner_id)
                with transaction():
                    _delete(due)
            else:
                with transaction():
                    if _delete(due):
                        kind.function(due.owner_id)
    except Exception:  # a timer may fail in any way; it is tried again
        log.exception("timer.failed", kind=due.kind)
        _put_off(due)


def _delete(due: DueTimer) -> bool:
    result: Any = session().execute(
        text(
            "DELETE FROM timers WHERE tenant_id = :tenant_id AND kind = :kind"
            " AND owner_id = :owner_id AND fence = :fence"
        ),
        {"tenant_id": due.tenant_id, "kind": due.kind, "owner_id": due.owner_id, "fence": due.fence},
    )
    return bool(result.rowcount)


def _put_off(due: DueTimer) -> None:
    wait = min(LONGEST_WAIT_SECONDS, 5 * 2 ** min(due.attempts, 10))
    with tenant_scope(due.tenant_id), transaction() as current:
        current.execute(
            text(
                "UPDATE timers SET due_at = :due_at WHERE tenant_id = :tenant_id AND kind = :kind"
                " AND owner_id = :owner_id AND fence = :fence"
            ),
            {
                "due_at": clock.now() + timedelta(seconds=wait),
                "tenant_id": due.tenant_id,
                "kind": due.kind,
                "owner_id": due.owner_id,
                "fence": due.fence,
            },
        )

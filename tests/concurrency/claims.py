# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The claims on time, taken straight in SQL."""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import psycopg2

from tests.concurrency.parallel import START_SECONDS, repeated
from tithi.platform.ids import new_id

TAKE = (
    "INSERT INTO claims (tenant_id, id, resource_id, lane, starts_at, ends_at, kind, owner_id)"
    " VALUES (%s, %s, %s, 0, %s, %s, 'booking', %s) ON CONFLICT DO NOTHING"
)
OVERLAPS = (
    "SELECT count(*) FROM claims a JOIN claims b ON a.tenant_id = b.tenant_id AND a.resource_id = b.resource_id"
    " AND a.lane = b.lane AND a.id < b.id AND a.active AND b.active AND a.during && b.during"
    " WHERE a.resource_id = %s"
)


def make_resource(dsn: str, tenant_id: UUID) -> UUID:
    resource_id = new_id()
    in_tenant(
        dsn,
        tenant_id,
        "INSERT INTO resources (tenant_id, id, kind, name, created_at) VALUES (%s, %s, 'room', 'Room 1', now())",
        (str(tenant_id), str(resource_id)),
    )
    return resource_id


def race_for(
    dsn: str, tenant_id: UUID, resource_id: UUID, *, starts_at: datetime, ends_at: datetime, rivals: int
) -> int:
    """How many of so many sessions, all inside their transactions at the same moment, got the time."""
    ready = Barrier(rivals)

    def take() -> int:
        with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.tenant_id', %s, true)", (str(tenant_id),))
            ready.wait(START_SECONDS)
            values = (str(tenant_id), str(uuid4()), str(resource_id), starts_at, ends_at, str(uuid4()))
            cursor.execute(TAKE, values)
            connection.commit()
            return cursor.rowcount

    return sum(repeated(take, rivals))


def overlapping(dsn: str, tenant_id: UUID, resource_id: UUID) -> int:
    """How many pairs of active claims share a moment on one lane of the resource."""
    return int(in_tenant(dsn, tenant_id, OVERLAPS, (str(resource_id),))[0][0])


def active_claims(dsn: str, tenant_id: UUID, resource_id: UUID) -> list[tuple[Any, ...]]:
    return in_tenant(
        dsn,
        tenant_id,
        "SELECT starts_at, ends_at, lane, owner_id FROM claims WHERE resource_id = %s AND active ORDER BY starts_at",
        (str(resource_id),),
    )


def in_tenant(dsn: str, tenant_id: UUID, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant_id', %s, true)", (str(tenant_id),))
        cursor.execute(statement, values)
        rows = list(cursor.fetchall()) if cursor.description else []
        connection.commit()
        return rows


def as_superuser(run: Callable[[Any], None], dsn: str) -> None:
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        run(cursor)
        connection.commit()

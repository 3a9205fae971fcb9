# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Buffers that may overlap each other, but no work."""

from contextlib import closing
from datetime import datetime, timedelta
from threading import Barrier
from uuid import UUID, uuid4

import psycopg2

from tests.concurrency.claims import in_tenant
from tests.concurrency.parallel import START_SECONDS, at_once
from tests.factories.businesses import Salon

MEETINGS = (
    "SELECT count(*) FROM claims a JOIN claims b ON a.resource_id = b.resource_id AND a.lane = b.lane"
    " AND a.soft AND NOT b.soft AND a.owner_id <> b.owner_id AND a.active AND b.active AND a.during && b.during"
)
TAKE = (
    "INSERT INTO claims (tenant_id, id, resource_id, lane, starts_at, ends_at, kind, owner_id, soft)"
    " VALUES (%s, %s, %s, 0, %s, %s, 'booking', %s, %s) ON CONFLICT DO NOTHING"
)


def meetings(dsn: str, salon: Salon) -> int:
    """How many times a buffer of one visit meets the work of another."""
    return int(in_tenant(dsn, salon.tenant_id, MEETINGS)[0][0])


def race_without_lock(dsn: str, tenant_id: UUID, resource_id: UUID, start: datetime) -> None:
    """A buffer and work for the same time, each looking before it takes, at the same moment."""
    ready = Barrier(2)

    def take(*, soft: bool) -> None:
        with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.tenant_id', %s, true)", (str(tenant_id),))
            cursor.execute("SELECT count(*) FROM claims WHERE resource_id = %s", (str(resource_id),))
            found = cursor.fetchone()
            ready.wait(START_SECONDS)
            if found == (0,):
                end = start + timedelta(minutes=30)
                cursor.execute(TAKE, (str(tenant_id), str(uuid4()), str(resource_id), start, end, str(uuid4()), soft))
            connection.commit()

    at_once([lambda: take(soft=True), lambda: take(soft=False)])

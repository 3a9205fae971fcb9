# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from contextlib import closing
from functools import partial
from threading import Barrier
from uuid import UUID

import psycopg2

from tests.concurrency import claims
from tests.concurrency.parallel import START_SECONDS, at_once, repeated
from tests.factories.businesses import Salon
from tests.factories.classes import scheduled, show_class, take_seats, take_seats_online
from tests.stack import Stack, build_database
from tithi.platform.ids import new_id

SEATS = 5
RIVALS = 20
READ = "SELECT booked_seats FROM class_sessions WHERE id = %s"
READ_LOCKED = f"{READ} FOR UPDATE"


def test_of_twenty_rivals_for_five_seats_five_win(salon: Salon) -> None:
    session = scheduled(salon)
    rivals = [partial(take, salon, session["id"]) for take in (take_seats, take_seats_online)] * (RIVALS // 2)
    answers = at_once(rivals)

    assert sorted(answer.status_code for answer in answers) == [201] * SEATS + [409] * (RIVALS - SEATS)
    refused = [answer.json for answer in answers if answer.status_code == 409]
    assert {(one["code"], one["details"]["remaining_seats"]) for one in refused} == {("TITHI_CLASS_FULL", 0)}
    shown = show_class(salon, session["id"])
    won = {answer.json["booking_id"] for answer in answers if answer.status_code == 201}
    assert (shown["booked_seats"], {one["booking_id"] for one in shown["attendees"]}) == (SEATS, won)


def test_seats_given_back_and_taken_at_once_are_counted_right(salon: Salon) -> None:
    session = scheduled(salon)
    leaving = [take_seats(salon, session["id"]).json["booking_id"] for _ in range(SEATS)]
    answers = at_once(
        [
            *(partial(salon.press, "cancel", booking_id) for booking_id in leaving for _ in range(2)),
            *(partial(take_seats, salon, session["id"]) for _ in range(10)),
        ]
    )
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    won = sum(answer.status_code == 201 for answer in answers)
    assert won <= SEATS
    assert show_class(salon, session["id"])["booked_seats"] == won


def test_without_lock_and_check_the_same_race_gives_more_seats_than_there_are(stack: Stack) -> None:
    build_database(stack.postgres, "scratch_seats")
    claims.as_superuser(
        lambda cursor: cursor.execute(
            "ALTER TABLE class_sessions DROP CONSTRAINT ck_class_sessions_seats;"
            " ALTER TABLE class_sessions DROP CONSTRAINT ck_class_sessions_online_seats"
        ),
        stack.postgres.dsn("postgres", "scratch_seats"),
    )
    assert _race(stack, is_locked=False) > SEATS


def test_the_lock_alone_keeps_the_same_race_within_the_seats(stack: Stack) -> None:
    build_database(stack.postgres, "scratch_locked")
    assert _race(stack, is_locked=True, database="scratch_locked") == SEATS


def _race(stack: Stack, *, is_locked: bool, database: str = "scratch_seats") -> int:
    """How many of so many sessions took a seat when each reads the count and then adds one."""
    tenant_id, session_id = new_id(), new_id()
    _make_session(stack, database, tenant_id, session_id)
    dsn = stack.postgres.dsn("tithi_app", database)
    ready = Barrier(RIVALS)
    read = READ_LOCKED if is_locked else READ

    def take() -> bool:
        with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.tenant_id', %s, true)", (str(tenant_id),))
            ready.wait(START_SECONDS)
            cursor.execute(read, (str(session_id),))
            (booked,) = cursor.fetchone() or (SEATS,)
            if not is_locked:
                ready.wait(START_SECONDS)
            if booked < SEATS:
                cursor.execute(
                    "UPDATE class_sessions SET booked_seats = booked_seats + 1 WHERE id = %s", (str(session_id),)
                )
            connection.commit()
            return bool(booked < SEATS)

    return sum(repeated(take, RIVALS))


def _make_session(stack: Stack, database: str, tenant_id: UUID, session_id: UUID) -> None:
    """A session without the rows it points at, which the race does not need."""
    somebody = str(new_id())
    values = (str(tenant_id), str(session_id), *[somebody] * 4, SEATS, SEATS)
    claims.as_superuser(
        lambda cursor: cursor.execute(
            "SET session_replication_role = replica;"
            " INSERT INTO class_sessions (tenant_id, id, service_id, team_member_id, resource_id, location_id,"
            " starts_at, ends_at, local_start, timezone, capacity, online_capacity, price_cents, created_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, now(), now() + interval '1 hour', now(), 'UTC', %s, %s, 0, now())",
            values,
        ),
        stack.postgres.dsn("postgres", database),
    )

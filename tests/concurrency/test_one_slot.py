# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from uuid import UUID

from tests.concurrency import claims
from tests.concurrency.parallel import at_once, repeated
from tests.factories.businesses import Answer, Salon
from tests.stack import Stack, build_database
from tithi.platform.ids import new_id

CREATED = 201
CONFLICT = 409
START = datetime(2030, 5, 6, 10, tzinfo=UTC)
END = START + timedelta(minutes=30)


def test_of_two_hundred_bookings_of_one_time_one_succeeds_and_the_others_are_offered_other_times(
    salon: Salon, stack: Stack
) -> None:
    start = salon.slot(days=5)
    answers = repeated(lambda: salon.book(start=start), 200)

    assert sorted({answer.status_code for answer in answers}) == [CREATED, CONFLICT], [
        answer.text for answer in answers if answer.status_code not in {CREATED, CONFLICT}
    ][:3]
    won = [answer for answer in answers if answer.status_code == CREATED]
    assert len(won) == 1
    assert won[0].json["data"]["status"] == "confirmed"
    for answer in answers:
        if answer.status_code == CONFLICT:
            assert answer.json["code"] == "TITHI_SLOT_UNAVAILABLE"
            offered = answer.json["alternatives"]
            assert offered
            assert all(datetime.fromisoformat(one["start_time"]) != start for one in offered)
    taken = claims.active_claims(stack.dsn("tithi_app"), salon.tenant_id, salon.resource_id)
    assert [(at, lane, UUID(owner)) for at, _, lane, owner in taken] == [
        (start, 0, UUID(won[0].json["data"]["booking_id"]))
    ]


def test_rivals_for_overlapping_times_never_share_a_moment(salon: Salon, stack: Stack) -> None:
    times = [salon.slot(days=6, hour=9, minute=15 * quarter) for quarter in range(4)]

    def visit(number: int) -> list[Answer]:
        order = Random(number).sample(times, k=len(times))  # noqa: S311 - any order will do
        return [salon.book(start=start) for start in order]

    answers = [answer for each in at_once([partial(visit, number) for number in range(16)]) for answer in each]

    assert {answer.status_code for answer in answers} == {CREATED, CONFLICT}
    booked = [answer.json["data"]["booking_id"] for answer in answers if answer.status_code == CREATED]
    dsn = stack.dsn("tithi_app")
    taken = claims.active_claims(dsn, salon.tenant_id, salon.resource_id)
    assert sorted(owner for *_, owner in taken) == sorted(booked)
    assert 1 <= len(taken) <= len(times) // 2
    assert claims.overlapping(dsn, salon.tenant_id, salon.resource_id) == 0


def test_the_database_gives_one_time_to_one_of_many_sessions(salon: Salon, stack: Stack) -> None:
    dsn = stack.dsn("tithi_app")
    won = claims.race_for(dsn, salon.tenant_id, salon.resource_id, starts_at=START, ends_at=END, rivals=40)
    assert won == 1
    assert len(claims.active_claims(dsn, salon.tenant_id, salon.resource_id)) == 1


def test_without_the_exclusion_constraint_the_same_race_gives_one_time_to_several(stack: Stack) -> None:
    build_database(stack.postgres, "scratch")
    claims.as_superuser(
        lambda cursor: cursor.execute("ALTER TABLE claims DROP CONSTRAINT claims_no_overlap"),
        stack.postgres.dsn("postgres", "scratch"),
    )
    dsn = stack.postgres.dsn("tithi_app", "scratch")
    tenant_id = new_id()
    resource_id = claims.make_resource(dsn, tenant_id)

    assert claims.race_for(dsn, tenant_id, resource_id, starts_at=START, ends_at=END, rivals=10) > 1
    assert claims.overlapping(dsn, tenant_id, resource_id) > 0

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import datetime
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from tests.concurrency.claims import in_tenant
from tests.factories.businesses import Salon
from tests.factories.chance import seeded
from tests.factories.visits import (
    API,
    COLOUR,
    Person,
    add_location,
    add_person,
    add_resource,
    add_service,
    at_desk,
    claimed,
    count_bookings,
    desk,
    free_visits,
    guest,
    is_refused,
    minutes,
    needs,
    ok,
    online,
    own,
    set_hours,
    set_scheduling,
    shown,
)
from tests.stack import Stack

CUT, WASH = 30, 20


@pytest.fixture
def wash(salon: Salon) -> str:
    return add_service(salon, name="Wash", duration_min=WASH, price_cents=2000)


def items(*asked: tuple[object, Person | None]) -> list[dict[str, Any]]:
    return [{"service_id": str(service), "team_member_id": person.id if person else None} for service, person in asked]


def spans(visit: dict[str, Any]) -> list[tuple[str, datetime, datetime]]:
    return [
        (
            one["service_name"],
            datetime.fromisoformat(one["start_time"]),
            datetime.fromisoformat(one["end_time"]),
        )
        for one in visit["items"]
    ]


def test_two_services_of_two_people_are_one_visit_with_one_payment(salon: Salon, wash: str, stack: Stack) -> None:
    other, start = add_person(salon), salon.slot()
    answer = online(salon, start, items=items((salon.service_id, own(salon)), (wash, other)))
    assert answer.status_code == 201, answer.text
    visit = shown(salon, answer.json["booking_id"])
    cut = start + minutes(CUT)
    assert spans(visit) == [("Cut", start, cut), ("Wash", cut, cut + minutes(WASH))]
    assert (visit["status"], visit["amount_cents"], visit["due_cents"]) == ("confirmed", 7000, 7000)
    assert claimed(salon, stack) == sorted(
        [(own(salon).resource_id, 0, start, cut), (other.resource_id, 0, cut, cut + minutes(WASH))]
    )
    paid = in_tenant(stack.dsn("tithi_app"), salon.tenant_id, "SELECT amount_cents FROM payments")
    assert paid == [(7000,)]


def test_a_visit_of_two_services_is_told_and_charged_once(salon: Salon, wash: str, drain: Any) -> None:  # noqa: ANN401 - a fixture
    answer = online(salon, salon.slot(), items=items((salon.service_id, None), (wash, None)))
    paid = salon.press("complete", answer.json["booking_id"]).json
    assert paid["captured_cents"] == 7000
    drain()
    found = ok(salon.as_owner("GET", f"{API}/notifications?booking_id={paid['id']}"))["notifications"]
    receipts = [one for one in found if one["template"] == "payment_receipt" and one["recipient"] == "customer"]
    text = ok(salon.as_owner("GET", f"{API}/notifications/{receipts[0]['id']}"))["text"]
    assert len(receipts) == 1
    assert "Cut: $50.00" in text
    assert "Wash: $20.00" in text


def test_one_person_does_both_one_after_the_other(salon: Salon, wash: str, stack: Stack) -> None:
    start = salon.slot()
    visit = at_desk(salon, start, items=items((wash, own(salon)), (salon.service_id, own(salon))))
    assert [name for name, *_ in spans(visit)] == ["Wash", "Cut"]
    assert visit["end_time"] == (start + minutes(CUT + WASH)).isoformat()
    assert len(claimed(salon, stack, visit["id"])) == 2
    assert is_refused(online(salon, start + minutes(WASH)))


def test_anybody_takes_what_the_first_cannot(salon: Salon, wash: str) -> None:
    other, start = add_person(salon), salon.slot()
    at_desk(salon, start + minutes(CUT), team_member_id=own(salon).id)
    visit = at_desk(salon, start, items=items((salon.service_id, own(salon)), (wash, None)))
    assert visit["items"][1]["team_member_id"] == other.id


def test_a_free_order_fits_where_the_given_one_does_not(salon: Salon, wash: str, stack: Stack) -> None:
    other, start = add_person(salon), salon.slot()
    at_desk(salon, start, team_member_id=own(salon).id)
    wanted = items((salon.service_id, own(salon)), (wash, other))
    before = claimed(salon, stack)
    assert is_refused(desk(salon, start, items=wanted))
    assert claimed(salon, stack) == before
    visit = at_desk(salon, start, items=wanted, ordered=False)
    assert spans(visit) == [
        ("Wash", start, start + minutes(WASH)),
        ("Cut", start + minutes(30), start + minutes(60)),
    ]


def test_nobody_waits_longer_than_was_asked_or_than_the_business_allows(salon: Salon, wash: str) -> None:
    other, start = add_person(salon), salon.slot()
    at_desk(salon, start + minutes(CUT), team_member_id=other.id)
    wanted = items((salon.service_id, own(salon)), (wash, other))
    assert is_refused(desk(salon, start, items=wanted, max_idle_minutes=29))
    set_scheduling(salon, cart_max_idle_minutes=20)
    assert is_refused(desk(salon, start, items=wanted, max_idle_minutes=30))
    set_scheduling(salon, cart_max_idle_minutes=30)
    assert count_bookings(salon) == 1
    visit = at_desk(salon, start, items=wanted, max_idle_minutes=30)
    assert spans(visit)[1][1] == start + minutes(60)


def test_a_visit_is_refused_as_a_whole_when_one_service_is_not_free(salon: Salon, wash: str, stack: Stack) -> None:
    other, start = add_person(salon), salon.slot()
    for shift in (30, 60):
        at_desk(salon, start + minutes(shift), team_member_id=other.id)
    before, count = claimed(salon, stack), count_bookings(salon)
    answer = online(salon, start, items=items((salon.service_id, own(salon)), (wash, other)))
    assert is_refused(answer)
    assert (claimed(salon, stack), count_bookings(salon)) == (before, count)


def test_a_refused_visit_comes_with_the_nearest_times_at_which_all_of_it_is_free(salon: Salon, wash: str) -> None:
    start = salon.slot()
    at_desk(salon, start)
    wanted = items((salon.service_id, None), (wash, None))
    refused = desk(salon, start, items=wanted)
    assert is_refused(refused)
    alternatives = refused.json["alternatives"]
    times = [datetime.fromisoformat(one["start_time"]) for one in alternatives]
    assert len(times) == 5
    assert times == sorted(times)
    assert all(abs(time - start) < minutes(180) for time in times)
    assert [one["service_id"] for one in alternatives[0]["items"]] == [one["service_id"] for one in wanted]
    assert desk(salon, times[0], items=wanted).status_code == 201


def test_a_visit_stays_at_one_location(salon: Salon, wash: str) -> None:
    far = add_location(salon)
    other = add_person(salon)
    set_hours(salon, other.id, [{"start_time": "00:00", "end_time": "24:00", "location_id": far}])
    assert is_refused(desk(salon, salon.slot(), items=items((salon.service_id, own(salon)), (wash, other))))
    assert count_bookings(salon) == 0


@pytest.mark.parametrize(
    "body",
    [
        {"items": []},
        {"items": [{"team_member_id": None}]},
        {"items": [{"service_id": str(uuid4())}] * 7},
        {"items": [{"service_id": str(uuid4())}], "service_id": str(uuid4())},
        {},
    ],
)
def test_a_visit_without_one_clear_list_of_services_is_refused(salon: Salon, body: dict[str, Any]) -> None:
    whole = {"start_time": salon.slot().isoformat(), "customer_info": guest(), **body}
    answer = salon.as_owner("POST", f"{API}/bookings", key=str(uuid4()), json=whole)
    assert answer.status_code == 400, answer.text
    assert count_bookings(salon) == 0


def test_a_service_that_is_unknown_leaves_nothing_of_the_visit(salon: Salon, stack: Stack) -> None:
    wanted = [{"service_id": str(salon.service_id)}, {"service_id": str(uuid4())}]
    assert is_refused(desk(salon, salon.slot(), items=wanted), "TITHI_SERVICE_NOT_FOUND", 404)
    assert claimed(salon, stack) == []


@pytest.mark.parametrize("is_ordered", [True, False])
def test_what_the_search_offers_for_a_visit_can_be_booked(salon: Salon, wash: str, *, is_ordered: bool) -> None:
    chance = seeded()
    set_hours(salon, salon.member_id, [{"start_time": "09:00", "end_time": "14:00"}])
    room, other_room = add_resource(salon), add_resource(salon, "Tub")
    other = add_person(salon, start="10:00", end="15:00")
    massage = add_service(salon, name="Massage", duration_min=40, needs=needs(room, other_room), buffer_after_min=10)
    bath = add_service(salon, name="Bath", duration_min=30, needs=needs(room))
    colour = add_service(salon, name="Colour", segments=COLOUR)
    start = salon.slot(hour=8)
    for _ in range(8):
        _book_somewhere(salon, chance, start, [massage, bath, colour, wash], [own(salon), other])
    wanted = items((colour, None), (chance.choice([bath, massage]), None), (wash, chance.choice([own(salon), None])))
    offered = free_visits(salon, start.date(), wanted, ordered=is_ordered)
    booked = 0
    for slot in chance.sample(offered, k=min(len(offered), 8)):
        at = datetime.fromisoformat(slot["start_time"])
        answer = desk(salon, at, items=wanted, ordered=is_ordered)
        assert answer.status_code == 201, (slot, answer.text)
        assert answer.json["amount_cents"] == slot["price_cents"]
        ok(salon.press("cancel", answer.json["booking_id"], canceled_by="business"))
        booked += 1
    assert booked == min(len(offered), 8)


def _book_somewhere(salon: Salon, chance: Random, start: datetime, services: list[str], people: list[Person]) -> None:
    at = start + minutes(15 * chance.randrange(24))
    desk(salon, at, service_id=chance.choice(services), team_member_id=chance.choice(people).id)

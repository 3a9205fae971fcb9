# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.factories.businesses import Answer, Salon
from tests.factories.visits import (
    API,
    add_person,
    add_resource,
    add_service,
    claimed,
    count_bookings,
    desk,
    free_starts,
    is_refused,
    minutes,
    needs,
    ok,
    online,
    own,
    set_policy,
)
from tests.stack import Stack
from tithi.platform import clock

EXPIRED = "TITHI_HOLD_EXPIRED"
Items = list[dict[str, Any]]


@pytest.fixture
def items(salon: Salon) -> Items:
    """A cut, and a massage in one of four cabins."""
    cabins = [add_resource(salon, f"Cabin {number}") for number in range(4)]
    massage = add_service(salon, name="Massage", duration_min=60, needs=needs(*cabins))
    other = add_person(salon)
    return [
        {"service_id": str(salon.service_id), "team_member_id": own(salon).id},
        {"service_id": massage, "team_member_id": other.id},
    ]


def hold(salon: Salon, start: datetime, items: Items) -> Answer:
    body = {"start_time": start.isoformat(), "items": items}
    return salon.request("POST", f"{API}/public/{salon.slug}/holds", None, key=str(uuid4()), json=body)


def held(salon: Salon, start: datetime, items: Items) -> dict[str, Any]:
    return dict(ok(hold(salon, start, items)))


def extend(salon: Salon, hold_id: str, count: int = 30) -> Answer:
    return salon.as_owner("POST", f"{API}/holds/{hold_id}/extend", key=str(uuid4()), json={"minutes": count})


def test_a_hold_of_several_services_becomes_the_visit(salon: Salon, items: Items, stack: Stack) -> None:
    start = salon.slot()
    found = held(salon, start, items)
    assert [one["service_id"] for one in found["items"]] == [one["service_id"] for one in items]
    kept = claimed(salon, stack, found["id"])
    assert len(kept) == 3
    assert is_refused(online(salon, start, items=items))
    booked = online(salon, start, items=items, hold_id=found["id"])
    assert booked.status_code == 201, booked.text
    assert claimed(salon, stack, found["id"]) == []
    assert claimed(salon, stack, booked.json["booking_id"]) == kept
    assert is_refused(online(salon, start, items=items, hold_id=found["id"]), EXPIRED)


def test_a_hold_of_one_of_many_rooms_is_found_again_when_all_are_free(salon: Salon, stack: Stack) -> None:
    rooms = [add_resource(salon, f"Cabin {number}", capacity=3) for number in range(5)]
    tools = [add_resource(salon, f"Tool {number}", kind="equipment", capacity=3) for number in range(5)]
    service = add_service(salon, needs=[*needs(*rooms), *needs(*tools)])
    start, people = salon.slot(), [add_person(salon, name) for name in ("Bo", "Cy", "Di")]
    for person in people[:2]:
        ok(desk(salon, start, service_id=service, team_member_id=person.id))
    wanted = [{"service_id": service}]
    for room in (*rooms[:3], *tools[:3]):
        block = {"resource_id": room, "start_time": start.isoformat(), "end_time": (start + minutes(30)).isoformat()}
        answer = salon.as_owner("POST", f"{API}/availability/blocks", key=str(uuid4()), json=block)
        block["id"] = ok(answer)["id"]
    found = held(salon, start, wanted)
    kept = claimed(salon, stack, found["id"])
    for block in ok(salon.as_owner("GET", f"{API}/availability/blocks"))["blocks"]:
        assert salon.as_owner("DELETE", f"{API}/availability/blocks/{block['id']}").status_code == 204
    booked = online(salon, start, items=wanted, hold_id=found["id"])
    assert booked.status_code == 201, booked.text
    assert claimed(salon, stack, booked.json["booking_id"]) == kept


def test_a_hold_of_another_time_or_of_other_services_is_refused(salon: Salon, items: Items, stack: Stack) -> None:
    start = salon.slot()
    found = held(salon, start, items)
    before = claimed(salon, stack)
    assert is_refused(online(salon, start + minutes(15), items=items, hold_id=found["id"]), EXPIRED)
    assert is_refused(online(salon, start, items=items[:1], hold_id=found["id"]), EXPIRED)
    assert is_refused(online(salon, start, items=items[::-1], hold_id=found["id"]), EXPIRED)
    assert is_refused(online(salon, start, items=items, hold_id=str(uuid4())), EXPIRED)
    assert claimed(salon, stack) == before
    assert count_bookings(salon) == 0
    assert online(salon, start, items=items, hold_id=found["id"]).status_code == 201


def test_time_that_is_held_is_booked_when_the_notice_is_over_meanwhile(salon: Salon, items: Items) -> None:
    start = salon.slot()
    set_policy(salon, min_notice_minutes=60)
    early, later = start - minutes(65), start - minutes(55)
    with clock.steered(lambda: early):
        found = held(salon, start, items)
    with clock.steered(lambda: later):
        assert is_refused(hold(salon, start, items))
        assert online(salon, start, items=items, hold_id=found["id"]).status_code == 201


def test_a_hold_is_extended_while_it_lasts(salon: Salon, items: Items, drain: Callable[[], None]) -> None:
    start = salon.slot()
    found = held(salon, start, items)
    longer = ok(extend(salon, found["id"]))
    assert longer["expires_at"] > found["expires_at"]
    later = clock.now() + minutes(20)
    with clock.steered(lambda: later):
        drain()
        assert is_refused(online(salon, start, items=items))
        assert online(salon, start, items=items, hold_id=found["id"]).status_code == 201
    assert is_refused(extend(salon, found["id"]), "TITHI_HOLD_NOT_FOUND", 404)


def test_extending_tells_an_unknown_hold_from_one_that_ran_out(salon: Salon, items: Items, stack: Stack) -> None:
    assert is_refused(extend(salon, str(uuid4())), "TITHI_HOLD_NOT_FOUND", 404)
    found = held(salon, salon.slot(), items)
    before, later = claimed(salon, stack), clock.now() + minutes(16)
    with clock.steered(lambda: later):
        assert is_refused(extend(salon, found["id"]), EXPIRED)
    assert claimed(salon, stack) == before


def test_the_id_of_a_visit_is_no_hold(salon: Salon, items: Items, stack: Stack) -> None:
    booked = online(salon, salon.slot(), items=items).json["booking_id"]
    before = claimed(salon, stack)
    assert is_refused(extend(salon, booked), "TITHI_HOLD_NOT_FOUND", 404)
    assert salon.as_owner("DELETE", f"{API}/holds/{booked}").status_code == 404
    assert is_refused(online(salon, salon.slot(days=4), items=items, hold_id=booked), EXPIRED)
    assert claimed(salon, stack) == before


def test_a_hold_that_ran_out_is_free_at_once_and_goes_as_a_whole(salon: Salon, items: Items, stack: Stack) -> None:
    start = salon.slot()
    found = held(salon, start, items)
    assert start not in free_starts(salon, start.date(), member_id=own(salon).id)
    later = clock.now() + minutes(16)
    with clock.steered(lambda: later):
        assert start in free_starts(salon, start.date(), member_id=own(salon).id)
        assert is_refused(online(salon, start, items=items, hold_id=found["id"]), EXPIRED)
        assert online(salon, start, team_member_id=own(salon).id).status_code == 201
        assert claimed(salon, stack, found["id"]) == [], "nothing of it is left behind"


def test_a_hold_is_given_back(salon: Salon, items: Items, stack: Stack) -> None:
    found = held(salon, salon.slot(), items)
    path = f"{API}/public/{salon.slug}/holds/{found['id']}"
    assert salon.request("DELETE", path, None).status_code == 204
    assert claimed(salon, stack) == []
    assert is_refused(salon.request("DELETE", path, None), "TITHI_HOLD_NOT_FOUND", 404)

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.concurrency.parallel import at_once
from tests.factories.businesses import Answer, Salon
from tithi.platform.db import transaction
from tithi.platform.tenancy import tenant_scope

API = "/api/v1/availability/blocks"


def _block(salon: Salon, start: datetime, end: datetime, **body: Any) -> Answer:
    body = {
        "resource_id": str(salon.resource_id),
        "start_time": start.isoformat(),
        "end_time": end.isoformat(),
        **body,
    }
    return salon.as_owner("POST", API, key=str(uuid4()), json=body)


def _blocked(salon: Salon, start: datetime, end: datetime, **body: Any) -> dict[str, Any]:
    made = _block(salon, start, end, **body)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json
    return found


def _claims(salon: Salon, owner_id: str) -> list[tuple[int, datetime, datetime]]:
    """The lane, start and end of each claim."""
    with salon.app.app_context(), tenant_scope(salon.tenant_id), transaction() as current:
        rows = current.execute(
            text("SELECT lane, starts_at, ends_at FROM claims WHERE owner_id = :id ORDER BY lane, starts_at"),
            {"id": owner_id},
        ).all()
    return [(row.lane, row.starts_at.astimezone(UTC), row.ends_at.astimezone(UTC)) for row in rows]


def test_a_block_keeps_its_time_until_it_is_deleted(salon: Salon) -> None:
    start, end = salon.slot(hour=10), salon.slot(hour=12)
    made = _blocked(salon, start, end, reason="Training")
    assert (made["overlaps"], made["kind"], made["reason"], made["version"]) == ([], "block", "Training", 1)
    assert salon.book(start=salon.slot(hour=11)).status_code == 409
    listed = salon.as_owner("GET", API).json
    assert listed == {
        "blocks": [{name: value for name, value in made.items() if name != "overlaps"}],
        "next_cursor": None,
    }
    assert salon.as_owner("DELETE", f"{API}/{made['id']}").status_code == 204
    assert _claims(salon, made["id"]) == []
    again = salon.as_owner("DELETE", f"{API}/{made['id']}")
    assert (again.status_code, again.json["code"]) == (404, "TITHI_BLOCK_NOT_FOUND")
    assert salon.booked(start=salon.slot(hour=11))["status"] == "confirmed"


def test_a_visit_in_a_block_keeps_its_time_and_is_told(salon: Salon) -> None:
    visit = salon.booked(start=salon.slot(hour=11))
    start, end = salon.slot(hour=10), salon.slot(hour=12)
    made = _blocked(salon, start, end)
    (overlap,) = made["overlaps"]
    assert (overlap["kind"], overlap["owner_id"]) == ("booking", visit["booking_id"])
    assert datetime.fromisoformat(overlap["start_time"]) == salon.slot(hour=11)
    assert datetime.fromisoformat(overlap["end_time"]) == salon.slot(hour=11, minute=30)
    assert _claims(salon, made["id"]) == [
        (0, start, salon.slot(hour=11)),
        (0, salon.slot(hour=11, minute=30), end),
    ]
    assert salon.as_owner("GET", f"/api/v1/bookings/{visit['booking_id']}").json["status"] == "confirmed"


def test_a_block_covers_every_lane_in_pieces_of_a_day(salon: Salon) -> None:
    salon.as_owner("PUT", f"/api/v1/team/members/{salon.member_id}", json={"concurrent_clients": 2})
    start = salon.slot(hour=10)
    made = _blocked(salon, start, start + timedelta(hours=50))
    cuts = [start, start + timedelta(hours=24), start + timedelta(hours=48), start + timedelta(hours=50)]
    pieces = list(pairwise(cuts))
    assert _claims(salon, made["id"]) == [(lane, *piece) for lane in (0, 1) for piece in pieces]


def test_what_two_blocks_keep_stays_kept_when_one_is_deleted(salon: Salon) -> None:
    first = _blocked(salon, salon.slot(hour=10), salon.slot(hour=13))
    second = _blocked(salon, salon.slot(hour=12), salon.slot(hour=14))
    assert _claims(salon, second["id"]) == [(0, salon.slot(hour=13), salon.slot(hour=14))]
    assert salon.as_owner("DELETE", f"{API}/{first['id']}").status_code == 204
    kept = _claims(salon, second["id"])
    assert (kept[0][1], kept[-1][2]) == (salon.slot(hour=12), salon.slot(hour=14))
    assert salon.book(start=salon.slot(hour=12)).status_code == 409
    assert salon.booked(start=salon.slot(hour=11))["status"] == "confirmed"


def test_a_block_takes_what_a_canceled_visit_leaves(salon: Salon, drain: Callable[[], None]) -> None:
    visit = salon.booked(start=salon.slot(hour=11))
    made = _blocked(salon, salon.slot(hour=10), salon.slot(hour=12))
    assert salon.press("cancel", visit["booking_id"], canceled_by="business").status_code == 200
    drain()
    assert (0, salon.slot(hour=11), salon.slot(hour=11, minute=30)) in _claims(salon, made["id"])
    assert salon.book(start=salon.slot(hour=11)).status_code == 409


def test_a_block_takes_the_lanes_that_a_person_gets_later(salon: Salon, drain: Callable[[], None]) -> None:
    made = _blocked(salon, salon.slot(hour=10), salon.slot(hour=12))
    salon.as_owner("PUT", f"/api/v1/team/members/{salon.member_id}", json={"concurrent_clients": 2})
    drain()
    assert [lane for lane, _, _ in _claims(salon, made["id"])] == [0, 1]
    assert salon.book(start=salon.slot(hour=11)).status_code == 409


def test_a_room_is_blocked_like_a_person(salon: Salon) -> None:
    room = salon.as_owner("POST", "/api/v1/resources", json={"kind": "room", "name": "Cabin", "capacity": 3}).json["id"]
    made = _blocked(salon, salon.slot(hour=10), salon.slot(hour=12), resource_id=room)
    assert len(_claims(salon, made["id"])) == 3
    assert salon.booked(start=salon.slot(hour=11))["status"] == "confirmed"


def test_blocks_are_listed_by_resource_and_period_in_pages(salon: Salon) -> None:
    room = salon.as_owner("POST", "/api/v1/resources", json={"kind": "room", "name": "Cabin"}).json["id"]
    made = [_blocked(salon, salon.slot(days=day), salon.slot(days=day, hour=12))["id"] for day in (3, 4, 5)]
    rooms = _blocked(salon, salon.slot(days=4), salon.slot(days=4, hour=12), resource_id=room)["id"]

    def listed(**query: str) -> Any:  # noqa: ANN401 - an answer's own shape
        return salon.as_owner("GET", API, query_string=query).json

    assert [one["id"] for one in listed(resource_id=room)["blocks"]] == [rooms]
    within = listed(since=salon.slot(days=4, hour=11).isoformat(), until=salon.slot(days=5, hour=10).isoformat())
    assert {one["id"] for one in within["blocks"]} == {made[1], rooms}
    first = listed(limit="3")
    second = listed(limit="3", cursor=first["next_cursor"])
    assert [one["id"] for one in [*first["blocks"], *second["blocks"]]] == [made[0], made[1], rooms, made[2]]
    assert second["next_cursor"] is None
    assert salon.as_owner("GET", API, query_string={"cursor": "x"}).status_code == 400


@pytest.mark.parametrize("hours", [0, -1, 31 * 24 + 1])
def test_a_block_has_a_length_that_makes_sense(salon: Salon, hours: int) -> None:
    start = salon.slot()
    answer = _block(salon, start, start + timedelta(hours=hours))
    assert (answer.status_code, set(answer.json["errors"])) == (400, {"end_time"})
    assert salon.as_owner("GET", API).json["blocks"] == []


def test_only_the_business_own_resources_are_blocked_by_its_staff(salon: Salon, other_salon: Salon) -> None:
    for resource_id in (str(uuid4()), str(other_salon.resource_id)):
        answer = _block(salon, salon.slot(), salon.slot(hour=12), resource_id=resource_id)
        assert (answer.status_code, answer.json["code"]) == (404, "TITHI_RESOURCE_NOT_FOUND")
    theirs = _blocked(other_salon, salon.slot(), salon.slot(hour=12))["id"]
    assert salon.as_owner("DELETE", f"{API}/{theirs}").json["code"] == "TITHI_BLOCK_NOT_FOUND"
    assert len(_claims(other_salon, theirs)) == 1
    assert salon.as_role("viewer", "GET", API).status_code == 403
    assert salon.as_role("staff", "GET", API).json["blocks"] == []


def test_the_same_press_makes_one_block(salon: Salon) -> None:
    body = {
        "resource_id": str(salon.resource_id),
        "start_time": salon.slot().isoformat(),
        "end_time": salon.slot(hour=12).isoformat(),
    }
    made = [salon.as_owner("POST", API, key="one-press-of-block", json=body) for _ in range(2)]
    assert made[0].json == made[1].json
    assert len(salon.as_owner("GET", API).json["blocks"]) == 1
    assert salon.as_owner("POST", API, json=body).status_code == 400


def test_blocks_and_visits_that_race_fill_the_time_and_share_no_moment(salon: Salon) -> None:
    start, end = salon.slot(hour=10), salon.slot(hour=14)
    visits = [partial(salon.book, start=start + timedelta(minutes=30 * number)) for number in range(8)]
    blocks = [partial(_block, salon, start, end) for _ in range(4)]
    answers = at_once([*visits, *blocks])
    booked, blocked = answers[: len(visits)], answers[len(visits) :]
    assert {answer.status_code for answer in booked} <= {201, 409}
    assert [answer.status_code for answer in blocked] == [201] * 4, [answer.text for answer in blocked]
    owners = [answer.json["id"] for answer in blocked]
    owners += [answer.json["data"]["booking_id"] for answer in booked if answer.status_code == 201]
    taken = sorted((starts, ends) for owner in owners for _, starts, ends in _claims(salon, owner))
    assert all(first[1] == second[0] for first, second in pairwise(taken))
    assert (taken[0][0], taken[-1][1]) == (start, end)

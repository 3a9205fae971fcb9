# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A salon whose desk books, moves and cancels at random: what can be done, over HTTP, and where."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from flask import Flask

from tests.factories.businesses import Answer, Salon, open_salon
from tests.factories.classes import class_service
from tithi.platform import clock

API = "/api/v1"
SLOTS = 48
STEP = timedelta(minutes=15)
REASON = {"reason": "A regular in a hurry."}


@dataclass(frozen=True, slots=True)
class Kind:
    """A service and what it holds, in minutes from its start."""

    service_id: str
    minutes: int
    staff: tuple[tuple[int, int], ...]
    room: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True)
class Desk:
    """The salon, its three people, its one room, and the services in the order that steps name them."""

    salon: Salon
    people: list[tuple[str, str]]
    room_id: str
    kinds: list[Kind]
    yoga_id: str

    def at(self, slot: int) -> datetime:
        """One of the salon's slots, two days from now."""
        day = (clock.now() + timedelta(days=2)).replace(hour=8, minute=0, second=0, microsecond=0)
        return day + slot % SLOTS * STEP

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        return self.salon.as_owner(method, f"{API}{path}", key=str(uuid4()), json=body or {})

    def visit(self, start: datetime, picks: list[tuple[int, int]], **changes: Any) -> dict[str, Any]:
        """The body of a visit of `(kind, person)` pairs, by somebody new."""
        items = [
            {"service_id": self.kinds[kind].service_id, "team_member_id": self.people[person][0]}
            for kind, person in picks
        ]
        customer = {"name": "Kim", "email": f"{uuid4().hex}@example.com"}
        return {"items": items, "start_time": start.isoformat(), "customer_info": customer, **changes}

    def hold(self, start: datetime, picks: list[tuple[int, int]]) -> Answer:
        body = self.visit(start, picks)
        body.pop("customer_info")
        return self.send("POST", "/holds", body)

    def wait(self, kind: int) -> str:
        """Put somebody on the waitlist; gives the entry's id."""
        day = clock.now().date()
        body = {
            "service_id": self.kinds[kind].service_id,
            "first_date": day.isoformat(),
            "last_date": (day + timedelta(days=9)).isoformat(),
            "customer_info": {"name": "Kim", "email": f"{uuid4().hex}@example.com"},
        }
        answer = self.send("POST", "/waitlist", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])


def open_desk(app: Flask) -> Desk:
    salon = open_salon(app, card_required=False)
    hours = {"availability": [{"day_of_week": day, "start_time": "00:00", "end_time": "24:00"} for day in range(1, 8)]}
    people = [(str(salon.member_id), str(salon.resource_id))]
    for name in ("Bo", "Cy"):
        member = _made(salon, "/team/members", {"first_name": name, "last_name": "Li"})
        _made(salon, f"/team/{member['id']}/availability", hours, status=200)
        people.append((member["id"], member["resource_id"]))
    room_id = _made(salon, "/resources", {"kind": "room", "name": "Cabin"})["id"]
    cut = {"name": "Trim", "duration_min": 30, "buffer_after_min": 5, "price_cents": 4000}
    colour = {
        "name": "Colour",
        "price_cents": 9000,
        "segments": [
            {"kind": "work", "duration_min": 45},
            {"kind": "processing", "duration_min": 30},
            {"kind": "finish", "duration_min": 15},
        ],
    }
    massage = {
        "name": "Massage",
        "duration_min": 60,
        "buffer_after_min": 10,
        "price_cents": 8000,
        "needs": [{"resource_ids": [room_id]}],
    }
    kinds = [
        Kind(_made(salon, "/services", cut)["id"], 30, ((0, 35),)),
        Kind(_made(salon, "/services", colour)["id"], 90, ((0, 45), (75, 90))),
        Kind(_made(salon, "/services", massage)["id"], 60, ((0, 70),), ((0, 70),)),
    ]
    return Desk(salon, people, room_id, kinds, class_service(salon, capacity=4, online=2, buffer_after_min=0))


def _made(salon: Salon, path: str, body: dict[str, Any], *, status: int = 201) -> dict[str, Any]:
    answer = salon.as_owner("POST", f"{API}{path}", json=body)
    assert answer.status_code == status, answer.text
    return dict(answer.json)

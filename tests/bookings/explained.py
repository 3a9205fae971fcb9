# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A salon in which much is in the way, and how each named cause is undone over HTTP."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from tests.factories.businesses import Answer, Salon
from tests.factories.classes import API, class_service, schedule

NOW = datetime(2031, 3, 24, 8, 7, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
DAYS_AHEAD = 40
Body = dict[str, Any]


@dataclass(slots=True)
class Wish:
    """A time that is asked about."""

    service_id: str
    start: datetime
    member_id: str | None
    as_staff: bool
    customer_id: str | None = None

    @property
    def local(self) -> datetime:
        return self.start.astimezone(BERLIN)

    def body(self) -> Body:
        found: Body = {
            "service_id": self.service_id,
            "start_time": self.start.isoformat(),
            "as_staff": self.as_staff,
            "customer_id": self.customer_id,
            "team_member_id": self.member_id,
        }
        return {name: value for name, value in found.items() if value is not None}


@dataclass(slots=True)
class Busy:
    """A business with several people, rooms and services, seen by its owner."""

    salon: Salon
    chance: Random
    members: list[Body] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    services: list[str] = field(default_factory=list)
    class_id: str = ""
    location_id: str = ""
    customer_id: str = ""
    full: list[tuple[str, datetime]] = field(default_factory=list)
    """People and times of which something was taken."""

    def send(self, method: str, path: str, body: Body | None = None, *, may: tuple[int, ...] = ()) -> Answer:
        """Ask as the owner; anything but success and the statuses that `may` be is a failure of the test."""
        more: Body = {} if body is None else {"json": body}
        answer = self.salon.as_owner(method, f"{API}{path}", key=str(uuid4()), **more)
        assert answer.status_code < 300 or answer.status_code in may, f"{method} {path} {body}: {answer.text}"
        return answer

    def explain(self, wish: Wish) -> Body:
        found: Body = self.send("POST", "/availability/explain", wish.body()).json
        return found

    def offering(self, wish: Wish) -> set[str]:
        """Who is offered at that time by the search; nobody where the service or the person cannot be searched."""
        day = wish.local.date().isoformat()
        return {
            slot["team_member_id"]
            for slot in self.slots(wish, day)
            if datetime.fromisoformat(slot["start_time"]) == wish.start
        }

    def slots(self, wish: Wish, day: str) -> list[Body]:
        member = {} if wish.member_id is None else {"team_member_id": wish.member_id}
        if wish.as_staff:
            query = {"service_id": wish.service_id, "date": day, **member}
            answer = self.salon.as_owner("GET", f"{API}/availability", query_string=query)
        else:
            body = {"service_id": wish.service_id, "start_date": day, "end_date": day, **member}
            answer = self.salon.request("POST", f"{API}/public/{self.salon.slug}/availability", None, json=body)
        assert answer.status_code in {200, 404}, answer.text
        found: list[Body] = answer.json["slots"] if answer.status_code == 200 else []
        return found

    def wish(self) -> Wish:
        """Any time of the next weeks, more often at an hour at which somebody works, or when time is taken."""
        chance = self.chance
        if self.full and chance.random() < 0.5:
            return self._wish_for_what_is_taken()
        minute = chance.randrange(0, 1440) if chance.random() < 0.15 else chance.randrange(420, 1200, 5)
        day = NOW.date() + timedelta(days=chance.randint(1, DAYS_AHEAD))
        local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=BERLIN)
        return Wish(
            service_id=chance.choice(self.services),
            start=local.astimezone(UTC),
            member_id=chance.choice(self.members)["id"] if chance.random() < 0.6 else None,
            as_staff=chance.random() < 0.3,
            customer_id=self.customer_id if chance.random() < 0.3 else None,
        )

    def _wish_for_what_is_taken(self) -> Wish:
        chance = self.chance
        member_id, near = chance.choice(self.full)
        return Wish(
            service_id=chance.choice(self.services),
            start=near + timedelta(minutes=chance.choice((-30, -15, -5, 0, 5, 20, chance.randint(-40, 40)))),
            member_id=member_id,
            as_staff=chance.random() < 0.3,
            customer_id=self.customer_id if chance.random() < 0.3 else None,
        )


def furnish(salon: Salon, chance: Random) -> Busy:
    """Three people, three rooms, four services, hours with breaks."""
    busy = Busy(salon, chance)
    for name in ("Bo", "Cy"):
        body = {"first_name": name, "last_name": "Li", "concurrent_clients": chance.choice((1, 1, 2))}
        busy.send("POST", "/team/members", body)
    busy.members = busy.send("GET", "/team/members").json["members"]
    busy.location_id = busy.members[0]["location_id"]
    for member in busy.members:
        busy.send("POST", f"/team/{member['id']}/availability", {"availability": _week(chance)})
    for kind in ("room", "room", "equipment"):
        room = {"kind": kind, "name": "Cabin", "capacity": chance.choice((1, 1, 2))}
        busy.rooms.append(busy.send("POST", "/resources", room).json["id"])
    busy.services = [busy.send("POST", "/services", body).json["id"] for body in _services(busy)]
    busy.class_id = class_service(salon)
    customer = {"display_name": "Jo", "email": f"{uuid4().hex}@example.com"}
    busy.customer_id = busy.send("POST", "/customers", customer).json["id"]
    return busy


def _week(chance: Random) -> list[Body]:
    hours: list[Body] = []
    for day in range(1, 8):
        if chance.random() < 0.2:
            continue
        start = chance.choice((480, 540, 545, 600, 607))
        hours.append(_rule(day, start, start + chance.choice((240, 400, 480))))
        if chance.random() < 0.6:
            at = start + chance.choice((60, 120, 150))
            hours.append({**_rule(day, at, at + chance.choice((15, 30, 47))), "kind": "break"})
    return hours


def _rule(day: int, start: int, end: int) -> Body:
    times = {name: f"{at // 60:02d}:{at % 60:02d}" for name, at in (("start_time", start), ("end_time", end))}
    return {"day_of_week": day, **times}


def _services(busy: Busy) -> list[Body]:
    first, second, third = busy.rooms
    colour = [
        {"kind": "work", "duration_min": 30},
        {"kind": "processing", "duration_min": 35},
        {"kind": "finish", "duration_min": 20},
        {"kind": "transition", "duration_min": 10},
    ]
    both = [{"resource_ids": [first, second]}, {"resource_ids": [third]}]
    return [
        {"name": "Cut", "duration_min": 30, "price_cents": 0, "slot_interval_min": 15},
        {"name": "Wash", "duration_min": 20, "price_cents": 0, "buffer_before_min": 5, "buffer_after_min": 15},
        {"name": "Colour", "segments": colour, "price_cents": 0, "buffer_after_min": 10, "needs": both},
        {"name": "Peel", "duration_min": 45, "price_cents": 0, "needs": both[:1], "slot_interval_min": 20},
    ]


def obstruct(busy: Busy) -> None:
    """Put one more thing in the way."""
    busy.chance.choice(OBSTACLES)(busy)


def _day(busy: Busy) -> date:
    return NOW.date() + timedelta(days=busy.chance.randint(1, DAYS_AHEAD))


def _instants(busy: Busy, longest: int = 300) -> Body:
    day = _day(busy)
    start = datetime(day.year, day.month, day.day, tzinfo=BERLIN) + timedelta(minutes=busy.chance.randrange(420, 1100))
    end = start + timedelta(minutes=busy.chance.randint(5, longest))
    return {"start_time": start.isoformat(), "end_time": end.isoformat()}


def _free(busy: Busy, service_id: str) -> Body | None:
    wish = Wish(service_id, NOW, None, as_staff=True)
    found = busy.slots(wish, _day(busy).isoformat())
    return busy.chance.choice(found) if found else None


def _book(busy: Busy) -> None:
    for _ in range(6):
        service_id = busy.chance.choice(busy.services)
        slot = _free(busy, service_id)
        if slot is not None:
            who = {"team_member_id": slot["team_member_id"], "start_time": slot["start_time"]}
            rules = ["staff_cap", "customer_cap", "prerequisite"]
            body = {"service_id": service_id, **who, "customer_id": busy.customer_id, "bypass": rules}
            busy.send("POST", "/bookings", body, may=(400, 409))
            busy.full.append((slot["team_member_id"], datetime.fromisoformat(slot["start_time"])))


def _hold(busy: Busy) -> None:
    service_id = busy.chance.choice(busy.services)
    slot = _free(busy, service_id)
    if slot is not None:
        who = {"team_member_id": slot["team_member_id"], "start_time": slot["start_time"]}
        busy.send("POST", "/holds", {"service_id": service_id, **who}, may=(409,))
        busy.full.append((slot["team_member_id"], datetime.fromisoformat(slot["start_time"])))


def _block(busy: Busy) -> None:
    resource = busy.chance.choice([*busy.rooms, *(one["resource_id"] for one in busy.members)])
    taken = _instants(busy, 1600)
    busy.send("POST", "/availability/blocks", {"resource_id": resource, **taken})
    owners = [one["id"] for one in busy.members if one["resource_id"] == resource]
    busy.full.extend((owner, datetime.fromisoformat(taken["start_time"])) for owner in owners)


def _class(busy: Busy) -> None:
    member = busy.chance.choice(busy.members)["id"]
    start = datetime.fromisoformat(_instants(busy)["start_time"])
    answer = schedule(busy.salon, busy.class_id, start, team_member_id=member, room_id=busy.rooms[0])
    assert answer.status_code in {201, 404, 409}, answer.text
    busy.full.append((member, start))


def _close(busy: Busy) -> None:
    day = _day(busy)
    start = datetime(day.year, day.month, day.day) + timedelta(minutes=busy.chance.randrange(420, 1100))  # noqa: DTZ001
    body = {
        "kind": "closed",
        "starts_local": start.isoformat(),
        "ends_local": (start + timedelta(minutes=busy.chance.randint(10, 2000))).isoformat(),
    }
    subjects = [
        {},
        {"location_id": busy.location_id},
        {"resource_id": busy.chance.choice(busy.members)["resource_id"]},
        {"resource_id": busy.chance.choice(busy.rooms)},
    ]
    repeats = busy.chance.choice(({}, {}, {"repeats": "weekly"}, {"repeats": "yearly"}))
    busy.send("POST", "/availability/exceptions", {**body, **repeats, **busy.chance.choice(subjects)})


def _limit_hours(busy: Busy) -> None:
    """A rule or break of the location, of a service or of a room."""
    start = busy.chance.randrange(480, 900, 5)
    kind = busy.chance.choice(("open", "open", "break"))
    end = start + (busy.chance.randint(10, 60) if kind == "break" else busy.chance.randint(120, 500))
    subject = busy.chance.choice(
        (
            {"location_id": busy.location_id},
            {"service_id": busy.chance.choice(busy.services)},
            {"resource_id": busy.chance.choice(busy.rooms)},
            {"resource_id": busy.chance.choice(busy.members)["resource_id"]},
        )
    )
    rule = {**_rule(busy.chance.randint(1, 7), start, end), "kind": kind, **subject}
    busy.send("POST", "/availability/rules", rule, may=(400,))


def _switch_off(busy: Busy) -> None:
    chance = busy.chance
    path, body = chance.choice(
        (
            (f"/services/{chance.choice(busy.services)}", {"active": False}),
            (f"/team/members/{chance.choice(busy.members)['id']}", {"is_active": False}),
            (f"/resources/{chance.choice(busy.rooms)}", {"is_active": False}),
            (f"/services/{chance.choice(busy.services)}", {"team_member_ids": [chance.choice(busy.members)["id"]]}),
            (f"/services/{chance.choice(busy.services)}", {"kind": "class", "capacity": 4}),
        )
    )
    busy.send("PUT", path, body)


def _set_terms(busy: Busy) -> None:
    chance, service = busy.chance, f"/services/{busy.chance.choice(busy.services)}"
    tenant = f"/tenants/{busy.salon.tenant_id}"
    other = chance.choice(busy.services)
    path, body = chance.choice(
        (
            (f"{tenant}/policies", {"min_notice_minutes": chance.choice((60, 3000, 9000))}),
            (f"{tenant}/policies", {"max_advance_days": chance.randint(3, 30)}),
            (f"{tenant}/policies", {"customer_max_per_week": 1, "customer_max_upcoming": 2, "customer_max_per_day": 1}),
            (service, {"min_notice_minutes": 4000, "max_advance_days": chance.randint(2, 30)}),
            (service, {"slot_interval_min": chance.choice((20, 30, 45, 7))}),
            (service, {"prerequisites": [{"service_id": other, "within_days": 9, "at_least_hours": 2}]}),
            (f"{tenant}/scheduling", {"look_busy_percent": 60}),
            (f"{tenant}/scheduling", {"min_gap_minutes": chance.choice((10, 25, 60))}),
            (f"{tenant}/scheduling", {"avoid_unfillable_gaps": True}),
            (f"{tenant}/scheduling", {"overlapping_buffers": chance.random() < 0.5}),
            (f"/team/members/{chance.choice(busy.members)['id']}", {"max_visits_per_day": 1, "max_visits_per_week": 2}),
        )
    )
    busy.send("PUT", path, body, may=(400,))


OBSTACLES = (_book, _book, _hold, _block, _class, _close, _limit_hours, _switch_off, _set_terms)

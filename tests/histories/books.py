# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the desk should know by itself: who has which time, kept apart from the database and compared with it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from tests.histories.desk import Desk
from tithi.platform import clock
from tithi.platform.db import session, transaction
from tithi.platform.tenancy import tenant_scope

Taken = tuple[str, datetime, datetime]


@dataclass(slots=True)
class Owner:
    """Who has time: a visit, a hold or a class; what each of its parts takes, and until when a hold lasts."""

    parts: dict[str, list[Taken]]
    overrides: bool = False
    expires_at: datetime | None = None

    def taken(self) -> set[Taken]:
        return {one for part in self.parts.values() for one in part}


@dataclass(slots=True)
class Books:
    desk: Desk
    owners: dict[str, Owner] = field(default_factory=dict)
    seats: dict[str, int] = field(default_factory=dict)

    def live(self) -> dict[str, Owner]:
        now = clock.now()
        return {key: one for key, one in self.owners.items() if one.expires_at is None or one.expires_at > now}

    def is_free(self, wanted: Iterable[Taken], *, without: str = "") -> bool:
        """Whether nobody has any of the wanted time, on purpose beside others or not."""
        held = [one for key, owner in self.live().items() if key != without for one in owner.taken()]
        return not any(
            resource == other and start < until and begin < end
            for resource, start, end in wanted
            for other, begin, until in held
        )

    def wants(self, kind: int, person: int, start: datetime) -> list[Taken]:
        chosen = self.desk.kinds[kind]
        staff = self.desk.people[person][1]
        return [(staff, *_between(start, span)) for span in chosen.staff] + [
            (self.desk.room_id, *_between(start, span)) for span in chosen.room
        ]

    def of_items(self, items: Iterable[dict[str, Any]]) -> dict[str, list[Taken]]:
        """The parts of a visit as an answer shows its items."""
        services = {kind.service_id: number for number, kind in enumerate(self.desk.kinds)}
        people = {member_id: number for number, (member_id, _) in enumerate(self.desk.people)}
        return {
            item["id"]: self.wants(
                services[item["service_id"]],
                people[item["team_member_id"]],
                datetime.fromisoformat(item["start_time"]),
            )
            for item in items
            if item["status"] == "booked"
        }

    def check(self) -> None:
        """The database holds what the books say, and nothing else."""
        expected = {(key, *one) for key, owner in self.live().items() for one in owner.taken()}
        assert self.claims() == expected
        for session_id, seats in self.seats.items():
            assert self.desk.salon.as_owner("GET", f"/api/v1/class-sessions/{session_id}").json["booked_seats"] == seats

    def claims(self) -> set[tuple[str, str, datetime, datetime]]:
        salon = self.desk.salon
        with salon.app.app_context(), tenant_scope(salon.tenant_id), transaction():
            rows = session().execute(
                text(
                    "SELECT owner_id::text, resource_id::text, starts_at, ends_at FROM claims"
                    " WHERE active AND (expires_at IS NULL OR expires_at > :now)"
                ),
                {"now": clock.now()},
            )
            return {tuple(row) for row in rows}


def _between(start: datetime, span: tuple[int, int]) -> tuple[datetime, datetime]:
    return start + timedelta(minutes=span[0]), start + timedelta(minutes=span[1])

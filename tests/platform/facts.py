# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A fact of the tests' own with handlers that can be made to fail, and a look at what became of its deliveries."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from flask import Flask
from sqlalchemy import text

from tithi.platform import clock, events, outbox
from tithi.platform.db import session, transaction
from tithi.platform.events import Event, Handler, publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id, tenant_scope

DATABASE, OUTSIDE = "tests.keep", "tests.send"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened(Event):
    code: ClassVar[str] = "tests.happened"
    aggregate: ClassVar[str] = "thing_id"
    thing_id: UUID
    number: int


class ToldToFailError(Exception):
    """Raised by a handler that was told to fail."""


@dataclass(slots=True)
class Hearers:
    """Two handlers of `Happened`: one keeps a row for each fact, one sends to an outside that counts."""

    app: Flask
    tenant_id: UUID
    failing: Counter[tuple[str, int]] = field(default_factory=Counter)
    sent: list[tuple[UUID, int, str]] = field(default_factory=list)
    before_end: Callable[[str], None] | None = None

    def keep(self, event: Happened) -> None:
        session().execute(
            text(
                "INSERT INTO resources (tenant_id, id, kind, name, created_at)"
                " VALUES (:tenant_id, :id, 'room', :name, clock_timestamp())"
            ),
            {"tenant_id": current_tenant_id(), "id": new_id(), "name": f"{event.thing_id} {event.number}"},
        )
        self._end(DATABASE, event)

    def send(self, event: Happened) -> None:
        self.sent.append((event.thing_id, event.number, outbox.delivery_key()))
        self._end(OUTSIDE, event)

    def _end(self, name: str, event: Happened) -> None:
        if self.before_end is not None:
            self.before_end(name)
        if self.failing[name, event.number] > 0:
            self.failing[name, event.number] -= 1
            raise ToldToFailError

    def handlers(self) -> dict[str, Handler]:
        return {
            DATABASE: Handler(DATABASE, Happened, self.keep, network=False),
            OUTSIDE: Handler(OUTSIDE, Happened, self.send, network=True),
        }

    def tell(self, thing_id: UUID, *numbers: int) -> None:
        with self.app.app_context(), tenant_scope(self.tenant_id), transaction():
            publish(*(Happened(thing_id=thing_id, number=number) for number in numbers))

    def drain(self) -> int:
        with self.app.app_context():
            return outbox.drain()

    def kept(self, thing_id: UUID) -> list[int]:
        """The numbers of the facts that were kept, in the order in which that happened."""
        rows = self.rows("SELECT name FROM resources WHERE name LIKE :name ORDER BY created_at", name=f"{thing_id} %")
        return [int(row["name"].split()[1]) for row in rows]

    def sent_of(self, thing_id: UUID) -> list[int]:
        return [number for thing, number, _ in self.sent if thing == thing_id]

    def deliveries(self, handler: str) -> list[dict[str, Any]]:
        return self.rows("SELECT * FROM deliveries WHERE handler = :handler ORDER BY seq", handler=handler)

    def states(self, handler: str) -> list[str]:
        return [row["state"] for row in self.deliveries(handler)]

    def rows(self, statement: str, **values: object) -> list[dict[str, Any]]:
        with self.app.app_context(), tenant_scope(self.tenant_id), transaction() as current:
            return [dict(row) for row in current.execute(text(statement), values).mappings()]

    def seconds_until_due(self, handler: str) -> float:
        (row,) = self.deliveries(handler)
        return float((row["available_at"] - clock.now()).total_seconds())


def registries() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Where the platform knows facts, handlers and hearers, for tests to add their own for a while."""
    return events._events, events._handlers, events._hearers  # noqa: SLF001 - registered for good otherwise

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Facts: what happened, in the past tense, told to every room that hears it.

A fact carries ids and plain values and no personal data. `publish` writes it, and one delivery per hearing handler, in
the caller's transaction; the outbox hands them over after the commit.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Any, ClassVar, Self, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import orjson
from sqlalchemy import text

from tithi.platform import clock, tenancy
from tithi.platform.db import session
from tithi.platform.ids import new_id

NOTIFY_CHANNEL = "tithi_outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Subclasses state `code` ("booking.confirmed") and `aggregate`, the field whose order of facts is kept."""

    code: ClassVar[str]
    aggregate: ClassVar[str]

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Self:
        converters = _converters(cls.code)
        return cls(**{name: converters[name](value) for name, value in payload.items() if name in converters})

    def payload(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}


E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Handler:
    name: str
    event: type[Event]
    function: Callable[[Any], None]
    network: bool


_events: dict[str, type[Event]] = {}
_handlers: dict[str, Handler] = {}
_hearers: defaultdict[str, list[Handler]] = defaultdict(list)


def fact(cls: type[E]) -> type[E]:
    """Register a fact by its code."""
    known = _events.setdefault(cls.code, cls)
    if known.__qualname__ != cls.__qualname__ or known.__module__ != cls.__module__:
        message = f"{cls.code} is stated by {known.__qualname__} and {cls.__qualname__}"
        raise ValueError(message)
    _events[cls.code] = cls
    return cls


def hears(event: type[E], *, network: bool = False) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register a handler of one fact.

    With `network` it runs with no transaction open and may call outside; its outside key is `delivery_key()`.
    """

    def register(function: Callable[[E], None]) -> Callable[[E], None]:
        name = f"{function.__module__.split('.')[-2]}.{function.__name__}"
        if name not in _handlers:
            handler = Handler(name, event, function, network)
            _handlers[name] = handler
            _hearers[event.code].append(handler)
        return function

    return register


def known_events() -> dict[str, type[Event]]:
    return dict(_events)


def known_handlers() -> dict[str, Handler]:
    return dict(_handlers)


_PUBLISH = text(
    """
    WITH fact AS (
        INSERT INTO event_outbox (tenant_id, id, code, payload, aggregate_id, actor, request_id, occurred_at)
        SELECT :tenant_id, f.id, f.code, f.payload, f.aggregate_id, :actor, :request_id, :now
        FROM unnest(CAST(:ids AS uuid[]), CAST(:codes AS text[]), CAST(:payloads AS jsonb[]),
            CAST(:aggregates AS uuid[])) AS f(id, code, payload, aggregate_id)
    ), told AS (
        INSERT INTO deliveries (tenant_id, id, event_id, handler, network, aggregate_id, available_at, created_at)
        SELECT :tenant_id, h.id, h.event_id, h.handler, h.network, h.aggregate_id, :now, :now
        FROM unnest(CAST(:delivery_ids AS uuid[]), CAST(:event_ids AS uuid[]), CAST(:handlers AS text[]),
            CAST(:networks AS boolean[]), CAST(:heard_aggregates AS uuid[]))
            AS h(id, event_id, handler, network, aggregate_id)
        RETURNING 1
    )
    SELECT pg_notify(:channel, '') FROM told LIMIT 1
    """
)


def publish(*told: Event) -> None:
    """Tell facts of the open scope's tenant, in the caller's transaction and in one statement."""
    scope = tenancy.current_scope()
    facts = [(str(new_id()), str(getattr(event, event.aggregate)), event) for event in told]
    heard = [
        (event_id, aggregate_id, handler) for event_id, aggregate_id, event in facts for handler in _hearers[event.code]
    ]
    session().execute(
        _PUBLISH,
        {
            "tenant_id": tenancy.current_tenant_id(),
            "ids": [event_id for event_id, _, _ in facts],
            "codes": [event.code for _, _, event in facts],
            "payloads": [orjson.dumps(event.payload()).decode() for _, _, event in facts],
            "aggregates": [aggregate_id for _, aggregate_id, _ in facts],
            "actor": scope.actor,
            "request_id": scope.request_id,
            "now": clock.now(),
            "delivery_ids": [str(new_id()) for _ in heard],
            "event_ids": [event_id for event_id, _, _ in heard],
            "handlers": [handler.name for _, _, handler in heard],
            "networks": [handler.network for _, _, handler in heard],
            "heard_aggregates": [aggregate_id for _, aggregate_id, _ in heard],
            "channel": NOTIFY_CHANNEL,
        },
    )


@cache
def _converters(code: str) -> dict[str, Callable[[Any], Any]]:
    event = _events[code]
    hints = get_type_hints(event)
    return {field.name: _converter(hints[field.name]) for field in dataclasses.fields(event)}


def _converter(hint: object) -> Callable[[Any], Any]:
    if get_origin(hint) in {UnionType, Union}:
        inner = _converter(next(part for part in get_args(hint) if part is not type(None)))
        return lambda value: None if value is None else inner(value)
    known: dict[Any, Callable[[Any], Any]] = {UUID: UUID, datetime: datetime.fromisoformat}
    return known.get(hint, lambda value: value)

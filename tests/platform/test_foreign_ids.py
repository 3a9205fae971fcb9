# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The real id of another business's record answers exactly as an id that nobody has, wherever an id is taken."""

import json
from base64 import urlsafe_b64encode
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from psycopg2 import sql

from tests.factories.businesses import Answer, Salon, open_salon
from tests.factories.records import Records, make_records
from tests.factories.worker import work
from tests.platform import isolation_checks
from tests.platform.every_route import IdPlace, ask, body_for, id_places, query_for
from tests.stack import Stack

PLACES = [place for place in id_places() if not place.is_scope]
LINKS = {"token": "booking_id", "waitlist_token": "entry_id"}
"""The kinds of links, with the kind of record that each leads to."""
UNSEEN_KINDS = {"user_id"}
NOT_THERE = 404
MAY_REFUSE = {"path": {NOT_THERE}, "body": {NOT_THERE, 409, 410}, "query": {NOT_THERE, 200}}
EACH_BY_ITSELF = "/bulk-actions"
"""Answers 200 and tells of each id by itself what became of it."""
World = tuple[Salon, Records, Records]


@pytest.fixture(scope="module")
def world(app: Flask, worker_app: Flask) -> World:
    """A business with its records, and those of another."""
    first, second = open_salon(app), open_salon(app)
    drain = partial(work, worker_app)
    return first, make_records(first, drain), make_records(second, drain, day=12)


def test_every_kind_of_id_that_a_route_takes_has_a_record_to_try_with(world: World) -> None:
    _, own, _ = world
    assert {place.kind for place in id_places()} | UNSEEN_KINDS == set(own)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_another_businesss_id_answers_like_an_unknown_one(stack: Stack, world: World, place: IdPlace) -> None:
    salon, own, theirs = world
    before = _rows_of(stack, theirs["tenant_id"])

    nobodys, anothers = _unknown(place.kind), _foreign(place.kind, theirs)
    unknown = _ask_with(place, salon, own, nobodys)
    foreign = _ask_with(place, salon, own, anothers)

    may_refuse = {200} if place.route.path.endswith(EACH_BY_ITSELF) else MAY_REFUSE[place.place]
    assert unknown.status_code in may_refuse, unknown.text
    assert (foreign.status_code, _comparable(foreign, anothers)) == (
        unknown.status_code,
        _comparable(unknown, nobodys),
    )
    assert _rows_of(stack, theirs["tenant_id"]) == before


@pytest.mark.parametrize("place", [one for one in PLACES if one.route.endpoint.method == "GET"], ids=str)
def test_a_businesss_own_id_is_found(world: World, place: IdPlace) -> None:
    salon, own, _ = world
    answer = _ask_with(place, salon, own, own[place.kind])
    assert answer.status_code == 200, answer.text


def _ask_with(place: IdPlace, salon: Salon, own: Records, value: str) -> Answer:
    route = place.route
    values, body, query = dict(own), body_for(route, salon, own), query_for(route, salon, own)
    if place.place == "path":
        values[place.name] = value
    elif place.place == "query":
        query[place.name] = value
    else:
        body[place.name] = [value] if place.name.endswith("_ids") else value
        if place.name == "customer_id":
            body.pop("customer_info", None)
    return ask(route, salon, salon.owner, values=values, body=body, query=query)


def _foreign(kind: str, theirs: Records) -> str:
    if kind in LINKS:
        return _forged(UUID(theirs["tenant_id"]), UUID(theirs[LINKS[kind]]))
    return theirs[kind]


def _unknown(kind: str) -> str:
    return _forged(uuid4(), uuid4()) if kind in LINKS else str(uuid4())


def _forged(tenant_id: UUID, object_id: UUID) -> str:
    """The text of a link to a record, signed by nobody."""
    raw = tenant_id.bytes + object_id.bytes + (1).to_bytes(2, "big") + bytes(20)
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _comparable(answer: Answer, asked: str) -> Any:  # noqa: ANN401 - each answer has its own shape
    """The answer without what belongs to the request alone: its id, its path, and the id that it asked for."""
    found = json.loads(answer.text.replace(asked, "asked")) if answer.data else None
    if isinstance(found, dict):
        return {name: value for name, value in found.items() if name not in {"request_id", "instance"}}
    return found


def _rows_of(stack: Stack, tenant_id: str) -> dict[str, str]:
    """A digest of all that a business has, by table."""
    with isolation_checks.connected(stack.dsn("postgres")) as cursor:
        tables = [name for name in isolation_checks.base_tables(cursor) if name not in isolation_checks.GLOBAL_TABLES]
        parts = [
            sql.SQL(
                "SELECT {}, coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '') FROM {} t"
                " WHERE tenant_id = %(id)s"
            ).format(sql.Literal(table), sql.Identifier(table))
            for table in tables
        ]
        cursor.execute(sql.SQL(" UNION ALL ").join(parts), {"id": tenant_id})
        return dict(cursor.fetchall())

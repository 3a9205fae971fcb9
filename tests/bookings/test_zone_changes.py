# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A zone database that moves times which were agreed, steered by writing them as another release would have."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import click
import pytest
from flask import Flask
from sqlalchemy import text

from tests.factories.businesses import Salon
from tests.factories.classes import API, scheduled
from tithi.commands import zones
from tithi.platform.db import transaction
from tithi.platform.tenancy import tenant_scope

BERLIN = ZoneInfo("Europe/Berlin")


def _run(salon: Salon, statement: str, **values: Any) -> None:
    with salon.app.app_context(), tenant_scope(salon.tenant_id), transaction() as current:
        current.execute(text(statement), values)


def _an_hour_off(salon: Salon, table: str, row_id: str) -> None:
    _run(salon, f"UPDATE {table} SET local_start = local_start + interval '1 hour' WHERE id = :id", id=row_id)  # noqa: S608


def _changes(salon: Salon, **query: Any) -> dict[str, Any]:
    answer = salon.as_owner("GET", f"{API}/bookings/zone-changes", query_string=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def test_times_that_are_as_agreed_are_not_listed(salon: Salon) -> None:
    salon.booked()
    scheduled(salon)
    assert _changes(salon) == {"zone_changes": [], "next_cursor": None}


def test_a_visit_whose_clock_time_moved_is_listed_until_it_is_moved(salon: Salon) -> None:
    start = salon.slot(days=4)
    salon.booked(start=salon.slot(days=5))
    booking_id = salon.booked(start=start)["booking_id"]
    _an_hour_off(salon, "bookings", booking_id)

    local = start.astimezone(BERLIN).replace(tzinfo=None)
    (found,) = _changes(salon)["zone_changes"]
    assert (found["booking_id"], found["class_session_id"], found["timezone"]) == (booking_id, None, "Europe/Berlin")
    assert datetime.fromisoformat(found["agreed_local"]) == local + timedelta(hours=1)
    assert datetime.fromisoformat(found["now_local"]) == local
    assert datetime.fromisoformat(found["start_time"]) == start

    agreed = datetime.fromisoformat(found["agreed_local"]).replace(tzinfo=BERLIN).astimezone(UTC)
    path = f"{API}/bookings/{booking_id}/reschedule"
    moved = salon.as_owner("POST", path, key=str(uuid4()), json={"start_time": agreed.isoformat()})
    assert moved.status_code == 200, moved.text
    assert _changes(salon)["zone_changes"] == []


def test_what_is_canceled_is_not_listed(salon: Salon) -> None:
    booking_id = salon.booked()["booking_id"]
    _an_hour_off(salon, "bookings", booking_id)
    assert len(_changes(salon)["zone_changes"]) == 1
    salon.press("cancel", booking_id)
    assert _changes(salon)["zone_changes"] == []


def test_a_class_session_and_a_zone_that_is_gone_are_listed(salon: Salon) -> None:
    session = scheduled(salon)["id"]
    _an_hour_off(salon, "class_sessions", session)
    booking_id = salon.booked(start=salon.slot(days=20))["booking_id"]
    _run(salon, "UPDATE bookings SET timezone = 'Mars/Olympus' WHERE id = :id", id=booking_id)
    first, second = _changes(salon)["zone_changes"]
    assert (first["class_session_id"], first["booking_id"]) == (session, None)
    assert (second["booking_id"], second["now_local"]) == (booking_id, None)


def test_the_list_goes_on_where_a_page_ended(salon: Salon, other_salon: Salon) -> None:
    ids = [salon.booked(start=salon.slot(days=day))["booking_id"] for day in (3, 4, 5)]
    for booking_id in ids:
        _an_hour_off(salon, "bookings", booking_id)
    first = _changes(salon, limit=2)
    second = _changes(salon, limit=2, cursor=first["next_cursor"])
    shown = [*first["zone_changes"], *second["zone_changes"]]
    assert [one["booking_id"] for one in shown] == ids
    assert second["next_cursor"] is None
    assert _changes(other_salon)["zone_changes"] == []


def test_operators_count_by_business(salon: Salon, other_salon: Salon, worker_app: Flask) -> None:
    _an_hour_off(salon, "bookings", salon.booked()["booking_id"])
    _an_hour_off(salon, "class_sessions", scheduled(salon)["id"])
    with worker_app.app_context():
        assert zones.count(salon.slug).endswith("bookings=1  class_sessions=1")
        assert zones.count(other_salon.slug).endswith("bookings=0  class_sessions=0")
        with pytest.raises(click.ClickException):
            zones.count("nobody")

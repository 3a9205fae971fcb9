# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from base64 import b64decode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import icalendar
from flask import Flask

from tests.factories.businesses import Salon
from tests.factories.visits import API, at_desk, guest, minutes, move, ok, online
from tithi.delivery.models import Message
from tithi.platform.db import session, transaction
from tithi.platform.tenancy import tenant_scope

Drain = Callable[[], None]
RESCHEDULED = "booking_rescheduled"


def events(app: Flask, salon: Salon, template: str, recipient: str = "customer") -> list[list[Any]]:
    """The events of the calendar file of each mail of a template; none where it has no file."""
    with app.app_context(), tenant_scope(salon.tenant_id), transaction():
        found = session().query(Message).filter_by(template=template, recipient=recipient).order_by(Message.created_at)
        files = [[b64decode(one["content"]) for one in message.attachments] for message in found]
    return [[event for file in some for event in icalendar.Calendar.from_ical(file).walk("VEVENT")] for some in files]


def texts(salon: Salon, booking_id: str, template: str) -> dict[str, str]:
    found = ok(salon.as_owner("GET", f"{API}/notifications?booking_id={booking_id}"))["notifications"]
    return {
        one["recipient"]: ok(salon.as_owner("GET", f"{API}/notifications/{one['id']}"))["text"]
        for one in found
        if one["template"] == template
    }


def test_a_moved_visit_is_told_to_both_with_a_file_that_replaces_the_first(
    salon: Salon, drain: Drain, app: Flask
) -> None:
    start = salon.slot()
    visit = at_desk(salon, start)
    drain()
    ok(move(salon, visit["id"], start + minutes(90), reason="Ana is late"))
    drain()
    told = texts(salon, visit["id"], RESCHEDULED)
    assert set(told) == {"customer", "business"}
    assert "Before: " in told["customer"]
    assert "Reason: Ana is late" in told["business"]
    ((first,),) = events(app, salon, "booking_confirmed")
    ((second,),) = events(app, salon, RESCHEDULED)
    assert first["UID"] == second["UID"] == f"{visit['id']}@tithi"
    assert second["SEQUENCE"] > first["SEQUENCE"]
    assert (first.decoded("DTSTART"), second.decoded("DTSTART")) == (start, start + minutes(90))


def test_every_move_is_told(salon: Salon, drain: Drain, app: Flask) -> None:
    start = salon.slot()
    visit = at_desk(salon, start)
    for shift in (60, 120):
        ok(move(salon, visit["id"], start + minutes(shift)))
        drain()
    found = [event for (event,) in events(app, salon, RESCHEDULED)]
    assert [event.decoded("DTSTART") for event in found] == [start + minutes(60), start + minutes(120)]
    assert found[0]["SEQUENCE"] < found[1]["SEQUENCE"]


def test_who_moved_it_stands_in_the_mail_of_the_business(salon: Salon, drain: Drain) -> None:
    visit = ok(online(salon, salon.slot()))
    path = f"{API}/manage/{visit['manage_token']}/reschedule"
    ok(salon.request("POST", path, None, json={"start_time": salon.slot(hour=14).isoformat()}))
    drain()
    assert "was moved by the customer" in texts(salon, visit["booking_id"], RESCHEDULED)["business"]


def test_a_pending_visit_that_moves_is_told_without_a_file(salon: Salon, drain: Drain, app: Flask) -> None:
    visit = ok(online(salon, salon.slot(), payment_method={}))
    ok(move(salon, visit["booking_id"], salon.slot(hour=14)))
    drain()
    assert set(texts(salon, visit["booking_id"], RESCHEDULED)) == {"customer", "business"}
    assert events(app, salon, RESCHEDULED) == [[]]


def test_a_visit_called_off_before_its_move_was_told_is_not_told_moved(salon: Salon, drain: Drain) -> None:
    visit = at_desk(salon, salon.slot())
    ok(move(salon, visit["id"], salon.slot(hour=14)))
    ok(salon.press("cancel", visit["id"], canceled_by="business"))
    drain()
    assert texts(salon, visit["id"], RESCHEDULED) == {}
    assert set(texts(salon, visit["id"], "booking_canceled")) == {"customer", "business"}


def test_a_visit_without_one_service_has_a_new_file(salon: Salon, drain: Drain, app: Flask) -> None:
    start = salon.slot()
    visit = at_desk(salon, start, items=[{"service_id": str(salon.service_id)}] * 2)
    drain()
    path = f"{API}/bookings/{visit['id']}/items/{visit['items'][1]['id']}/cancel"
    ok(salon.as_owner("POST", path, key=str(uuid4()), json={}))
    drain()
    ((first,),) = events(app, salon, "booking_confirmed")
    ((second,),) = events(app, salon, "booking_item_canceled")
    assert (first["UID"], first.decoded("DTEND")) == (second["UID"], start + minutes(60))
    assert second.decoded("DTEND") == start + minutes(30)
    assert second["SEQUENCE"] > first["SEQUENCE"]


def test_the_file_of_a_series_has_all_its_visits(salon: Salon, drain: Drain, app: Flask) -> None:
    body = {
        "service_id": str(salon.service_id),
        "start_time": salon.slot().isoformat(),
        "customer_info": guest(),
        "rule": {"frequency": "weekly", "count": 4},
    }
    series = ok(salon.as_owner("POST", f"{API}/series", key=str(uuid4()), json=body))
    drain()
    (found,) = events(app, salon, "series_booked")
    assert [str(event["UID"]) for event in found] == [f"{one['id']}@tithi" for one in series["bookings"]]
    assert [event.decoded("DTSTART") for event in found] == [
        datetime.fromisoformat(one["start_time"]) for one in series["bookings"]
    ]
    second = series["bookings"][1]
    later = datetime.fromisoformat(second["start_time"]) + timedelta(hours=1)
    ok(move(salon, second["id"], later))
    drain()
    ((moved,),) = events(app, salon, RESCHEDULED)
    assert (str(moved["UID"]), moved.decoded("DTSTART")) == (f"{second['id']}@tithi", later)

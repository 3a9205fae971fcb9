# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.factories.businesses import BASE_URL, Salon
from tithi.platform import clock

API = "/api/v1"


def _starts(salon: Salon, day: str, **body: Any) -> list[str]:
    search = {"service_id": str(salon.service_id), "start_date": day, "end_date": day, **body}
    answer = salon.client.post(f"{API}/public/{salon.slug}/availability", base_url=BASE_URL, json=search)
    assert answer.status_code == 200, answer.text
    return [slot["start_time"][11:16] for slot in answer.get_json()["slots"]]


def _hours(salon: Salon, *windows: tuple[str, str]) -> None:
    hours = [
        {"day_of_week": day, "start_time": start, "end_time": end} for day in range(1, 8) for start, end in windows
    ]
    answer = salon.as_owner("POST", f"{API}/team/{salon.member_id}/availability", json={"availability": hours})
    assert answer.status_code == 200, answer.text


def test_slots_follow_hours_bookings_and_buffers(salon: Salon) -> None:
    _hours(salon, ("09:00", "11:00"))
    day = salon.slot().date()
    assert _starts(salon, day.isoformat()) == ["09:00", "09:15", "09:30", "09:45", "10:00", "10:15", "10:30"]
    salon.as_owner("PUT", f"{API}/services/{salon.service_id}", json={"buffer_after_min": 15})
    first = salon.as_owner("GET", f"{API}/availability?service_id={salon.service_id}&date={day}").json["slots"][2]
    salon.booked(start=datetime.fromisoformat(first["start_time"]))
    assert _starts(salon, day.isoformat()) == ["10:15", "10:30"]


def test_a_closure_of_the_business_hides_its_hours(salon: Salon) -> None:
    _hours(salon, ("09:00", "12:00"))
    day = salon.slot().date()
    body = {"kind": "closed", "starts_local": f"{day}T10:00:00", "ends_local": f"{day}T23:00:00", "reason": "party"}
    made = salon.as_owner("POST", f"{API}/availability/exceptions", json=body)
    assert made.status_code == 201, made.text
    assert _starts(salon, day.isoformat()) == ["09:00", "09:15", "09:30"]
    assert salon.book(start=salon.slot(hour=9)).status_code == 409
    assert salon.as_owner("DELETE", f"{API}/availability/exceptions/{made.json['id']}").status_code == 204
    assert len(_starts(salon, day.isoformat())) == 11


def test_extra_hours_open_a_closed_day(salon: Salon) -> None:
    _hours(salon)
    day = salon.slot().date()
    assert _starts(salon, day.isoformat()) == []
    body = {
        "kind": "open",
        "resource_id": str(salon.resource_id),
        "starts_local": f"{day}T18:00:00",
        "ends_local": f"{day}T19:00:00",
    }
    salon.as_owner("POST", f"{API}/availability/exceptions", json=body)
    assert _starts(salon, day.isoformat()) == ["18:00", "18:15", "18:30"]


def test_notice_and_advance_bound_what_customers_see_but_not_staff(salon: Salon) -> None:
    policies = f"{API}/tenants/{salon.tenant_id}/policies"
    salon.as_owner("PUT", policies, json={"min_notice_minutes": 60 * 24 * 5})
    day = salon.slot(days=3).date()
    assert _starts(salon, day.isoformat()) == []
    staff = salon.as_owner("GET", f"{API}/availability?service_id={salon.service_id}&date={day}").json["slots"]
    assert len(staff) > 50
    salon.as_owner("PUT", policies, json={"min_notice_minutes": 0, "max_advance_days": 2})
    assert _starts(salon, day.isoformat()) == []


def test_the_booking_flow_groups_slots_by_person(salon: Salon) -> None:
    _hours(salon, ("09:00", "10:00"))
    day = salon.slot().date().isoformat()
    body = {
        "tenant_id": str(salon.tenant_id),
        "service_id": str(salon.service_id),
        "start_date": day,
        "end_date": day,
    }
    answer = salon.request("POST", "/booking/availability", None, json=body).json
    (person,) = answer["data"]["available_slots"]
    assert (answer["success"], person["team_member_name"], person["timezone"]) == (True, "Ana Silva", "Europe/Berlin")
    assert len(person["slots"]) == 3


def test_a_hold_keeps_a_time_for_whoever_has_it(salon: Salon) -> None:
    start = salon.slot()
    body = {"service_id": str(salon.service_id), "start_time": start.isoformat()}
    held = salon.request("POST", f"{API}/public/{salon.slug}/holds", None, key=str(uuid4()), json=body)
    assert held.status_code == 201, held.text
    assert salon.book(start=start).status_code == 409
    assert salon.booked(start=start, hold_id=held.json["id"])["status"] == "confirmed"
    again = salon.book(start=start, hold_id=held.json["id"])
    assert (again.status_code, again.json["code"]) == (409, "TITHI_HOLD_EXPIRED")


def test_a_hold_runs_out_by_itself(salon: Salon) -> None:
    start = salon.slot()
    body = {"service_id": str(salon.service_id), "start_time": start.isoformat()}
    held = salon.request("POST", f"{API}/public/{salon.slug}/holds", None, key=str(uuid4()), json=body).json
    later = clock.now() + timedelta(minutes=16)
    with clock.steered(lambda: later):
        late = salon.book(start=start, hold_id=held["id"])
        assert (late.status_code, late.json["code"]) == (409, "TITHI_HOLD_EXPIRED")
        assert salon.booked(start=start)["status"] == "confirmed"


def test_a_released_hold_gives_the_time_back(salon: Salon) -> None:
    start = salon.slot()
    body = {"service_id": str(salon.service_id), "start_time": start.isoformat()}
    held = salon.request("POST", f"{API}/public/{salon.slug}/holds", None, key=str(uuid4()), json=body).json
    path = f"{API}/public/{salon.slug}/holds/{held['id']}"
    assert salon.client.delete(path, base_url=BASE_URL).status_code == 204
    assert salon.client.delete(path, base_url=BASE_URL).status_code == 404
    assert salon.booked(start=start)["status"] == "confirmed"


def test_rules_are_added_changed_and_deleted(salon: Salon) -> None:
    _hours(salon)
    body = {
        "resource_id": str(salon.resource_id),
        "day_of_week": 0,
        "start_time": "22:00",
        "end_time": "02:00",
    }
    made = salon.as_owner("POST", f"{API}/availability/rules", json=body)
    assert (made.json["day_of_week"], made.json["start_time"], made.json["end_time"]) == (7, "22:00", "26:00")
    path = f"{API}/availability/rules/{made.json['id']}"
    assert salon.as_owner("PUT", path, json={"end_time": "23:00"}).json["end_time"] == "23:00"
    assert salon.as_owner("DELETE", path).status_code == 204
    assert salon.as_owner("GET", path).json["code"] == "TITHI_AVAILABILITY_RULE_NOT_FOUND"


def test_a_search_spans_at_most_two_months(salon: Salon) -> None:
    body = {"service_id": str(salon.service_id), "start_date": "2031-01-01", "end_date": "2031-06-01"}
    answer = salon.client.post(f"{API}/public/{salon.slug}/availability", base_url=BASE_URL, json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "TITHI_PERIOD_INVALID")

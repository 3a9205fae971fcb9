# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any

import pytest

from tests.factories.businesses import BASE_URL, Salon

API = "/api/v1/services"
COLOUR: list[dict[str, Any]] = [
    {"kind": "work", "duration_min": 40},
    {"kind": "processing", "duration_min": 30},
    {"kind": "finish", "duration_min": 20},
    {"kind": "transition", "duration_min": 10},
]
PLAIN = {"name": "Colour", "price_cents": 12000}


def test_segments_make_the_length_and_say_what_they_hold(salon: Salon) -> None:
    made = salon.as_owner("POST", API, json={**PLAIN, "segments": COLOUR})
    assert made.status_code == 201, made.text
    assert made.json["duration_min"] == 90
    held = [(one["kind"], one["duration_min"], one["holds_staff"], one["holds_room"]) for one in made.json["segments"]]
    assert held == [
        ("work", 40, True, True),
        ("processing", 30, False, True),
        ("finish", 20, True, True),
        ("transition", 10, True, True),
    ]
    assert salon.as_owner("GET", f"{API}/{made.json['id']}").json["segments"] == made.json["segments"]


def test_what_a_segment_holds_can_be_said(salon: Salon) -> None:
    segments = [
        {"kind": "work", "duration_min": 20, "holds_room": False},
        {"kind": "processing", "duration_min": 30, "holds_staff": True, "holds_room": False},
    ]
    made = salon.as_owner("POST", API, json={**PLAIN, "segments": segments}).json
    assert [(one["holds_staff"], one["holds_room"]) for one in made["segments"]] == [(True, False), (True, False)]


def test_segments_are_replaced_as_a_whole_and_cleared_by_an_empty_list(salon: Salon) -> None:
    path = f"{API}/{salon.service_id}"
    assert salon.as_owner("PUT", path, json={"segments": COLOUR}).json["duration_min"] == 90
    shorter = salon.as_owner("PUT", path, json={"segments": COLOUR[:2]}).json
    assert (shorter["duration_min"], len(shorter["segments"])) == (70, 2)
    kept = salon.as_owner("PUT", path, json={"name": "Tint", "duration_min": 70}).json
    assert (kept["name"], kept["segments"]) == ("Tint", shorter["segments"])
    cleared = salon.as_owner("PUT", path, json={"segments": [], "duration_min": 45}).json
    assert (cleared["duration_min"], cleared["segments"]) == (45, [])


@pytest.mark.parametrize(
    "segments",
    [
        [{"kind": "processing", "duration_min": 30}],
        [{"kind": "transition", "duration_min": 30}],
        [COLOUR[0], COLOUR[3], COLOUR[2]],
        [COLOUR[0], {"kind": "processing", "duration_min": 1400}, COLOUR[3]],
        [{"kind": "work", "duration_min": 30, "holds_staff": False}],
        [{"kind": "work", "duration_min": 0}],
        [{"kind": "nap", "duration_min": 5}],
        [{"kind": "work"}],
        [{"kind": "work", "duration_min": 1}] * 21,
        None,
    ],
)
def test_segments_that_make_no_service_are_refused(salon: Salon, segments: Any) -> None:  # noqa: ANN401 - also a wrong one
    path = f"{API}/{salon.service_id}"
    before = salon.as_owner("GET", path).json
    changed = salon.as_owner("PUT", path, json={"segments": segments})
    assert (changed.status_code, set(changed.json["errors"])) == (400, {"segments"}), changed.text
    made = salon.as_owner("POST", API, json={**PLAIN, "segments": segments})
    assert (made.status_code, set(made.json["errors"])) == (400, {"segments"}), made.text
    assert salon.as_owner("GET", path).json == before
    assert salon.as_owner("GET", API).json["total"] == 1


def test_a_length_that_the_segments_do_not_have_is_refused(salon: Salon) -> None:
    path = f"{API}/{salon.service_id}"
    agreed = salon.as_owner("PUT", path, json={"segments": COLOUR, "duration_min": 90}).json
    for body in ({"segments": COLOUR, "duration_min": 100}, {"duration_min": 60}):
        answer = salon.as_owner("PUT", path, json=body)
        assert (answer.status_code, set(answer.json["errors"])) == (400, {"duration_min"})
    assert salon.as_owner("GET", path).json == agreed


def test_a_service_has_a_length_from_somewhere(salon: Salon) -> None:
    for body in (PLAIN, {**PLAIN, "segments": []}):
        answer = salon.as_owner("POST", API, json=body)
        assert (answer.status_code, set(answer.json["errors"])) == (400, {"duration_min"})
    assert salon.as_owner("GET", API).json["total"] == 1


def test_customers_see_the_length_and_not_the_segments(salon: Salon) -> None:
    salon.as_owner("PUT", f"{API}/{salon.service_id}", json={"segments": COLOUR, "requires_approval": True})
    (shown,) = salon.client.get(f"/api/v1/public/{salon.slug}/services", base_url=BASE_URL).get_json()["services"]
    assert (shown["duration_min"], shown["kind"], shown["requires_approval"]) == (90, "appointment", True)
    assert "segments" not in shown

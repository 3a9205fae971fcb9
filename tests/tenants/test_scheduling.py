# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any

import pytest
from sqlalchemy import text

from tests.factories.businesses import BASE_URL, Salon
from tithi.platform.db import transaction
from tithi.platform.tenancy import tenant_scope
from tithi.tenants import policy, scheduling

DEFAULTS = {
    "staff_choice": "spread_evenly",
    "overlapping_buffers": False,
    "min_gap_minutes": 0,
    "avoid_unfillable_gaps": False,
    "look_busy_percent": 0,
    "cart_max_idle_minutes": 30,
    "waitlist": {
        "offer_minutes": 60,
        "quiet_from": "21:00",
        "quiet_until": "08:00",
        "order": "queue",
        "max_offers_per_day": 3,
    },
}
NEW_IN_POLICIES = {
    "cancel_notice_minutes": 0,
    "move_notice_minutes": 0,
    "customer_max_per_day": 0,
    "customer_max_per_week": 0,
    "customer_max_upcoming": 0,
}


def _path(salon: Salon, word: str) -> str:
    return f"/api/v1/tenants/{salon.tenant_id}/{word}"


def _without_version(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name != "version"}


def test_a_business_schedules_by_the_defaults_until_it_says_otherwise(salon: Salon) -> None:
    assert _without_version(salon.as_owner("GET", _path(salon, "scheduling")).json) == DEFAULTS


def test_only_what_is_named_changes_in_the_waitlist_too(salon: Salon) -> None:
    path = _path(salon, "scheduling")
    first = salon.as_owner("PUT", path, json={"min_gap_minutes": 20, "waitlist": {"order": "value"}})
    assert first.status_code == 200, first.text
    second = salon.as_owner("PUT", path, json={"staff_choice": "fill_gaps", "waitlist": {"quiet_from": "20:30"}})
    assert second.json["version"] == first.json["version"] + 1
    assert _without_version(salon.as_owner("GET", path).json) == {
        **DEFAULTS,
        "min_gap_minutes": 20,
        "staff_choice": "fill_gaps",
        "waitlist": {**scheduling.DEFAULT_SCHEDULING["waitlist"], "order": "value", "quiet_from": "20:30"},
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"staff_choice": "anybody"}, "staff_choice"),
        ({"min_gap_minutes": 241}, "min_gap_minutes"),
        ({"look_busy_percent": 91}, "look_busy_percent"),
        ({"cart_max_idle_minutes": -1}, "cart_max_idle_minutes"),
        ({"waitlist": {"quiet_from": "24:00"}}, "waitlist"),
        ({"waitlist": {"offer_minutes": 4}}, "waitlist"),
        ({"waitlist": {"order": "loudest"}}, "waitlist"),
        ({"waitlist": {"max_offers_per_day": 51}}, "waitlist"),
        ({"waitlist": {"colour": "red"}}, "waitlist"),
        ({"waitlist": None}, "waitlist"),
        ({"auto": True}, "auto"),
    ],
)
def test_settings_out_of_bounds_are_refused(salon: Salon, body: dict[str, Any], field: str) -> None:
    answer = salon.as_owner("PUT", _path(salon, "scheduling"), json=body)
    assert (answer.status_code, set(answer.json["errors"])) == (400, {field})
    assert _without_version(salon.as_owner("GET", _path(salon, "scheduling")).json) == DEFAULTS


def test_a_stale_change_of_the_settings_is_refused(salon: Salon) -> None:
    path = _path(salon, "scheduling")
    etag = salon.as_owner("GET", path).headers["ETag"]
    assert salon.as_owner("PUT", path, json={"min_gap_minutes": 5}, headers={"If-Match": etag}).status_code == 200
    stale = salon.as_owner("PUT", path, json={"min_gap_minutes": 9}, headers={"If-Match": etag})
    assert (stale.status_code, stale.json["code"]) == (412, "TITHI_PRECONDITION_FAILED")
    assert salon.as_owner("GET", path).json["min_gap_minutes"] == 5


def test_staff_read_the_settings_and_admins_change_them(salon: Salon) -> None:
    path = _path(salon, "scheduling")
    assert salon.as_role("viewer", "GET", path).status_code == 200
    assert salon.as_role("staff", "PUT", path, json={"min_gap_minutes": 5}).status_code == 403
    assert salon.as_role("admin", "PUT", path, json={"min_gap_minutes": 5}).json["min_gap_minutes"] == 5


def test_the_policy_bounds_canceling_moving_and_how_much_one_customer_books(salon: Salon) -> None:
    path = _path(salon, "policies")
    assert NEW_IN_POLICIES.items() <= salon.as_owner("GET", path).json.items()
    wanted = {"cancel_notice_minutes": 120, "move_notice_minutes": 60, "customer_max_per_day": 2}
    changed = salon.as_owner("PUT", path, json=wanted).json
    assert {**NEW_IN_POLICIES, **wanted}.items() <= changed.items()
    public = salon.client.get(f"/api/v1/public/{salon.slug}/policies", base_url=BASE_URL).get_json()
    assert (public["cancel_notice_minutes"], public["move_notice_minutes"]) == (120, 60)
    refused = salon.as_owner("PUT", path, json={"customer_max_per_week": -1})
    assert (refused.status_code, set(refused.json["errors"])) == (400, {"customer_max_per_week"})
    assert salon.as_owner("GET", path).json == changed


def test_a_policy_from_before_the_new_terms_is_shown_with_their_defaults(salon: Salon) -> None:
    old = {name: value for name, value in policy.DEFAULT_POLICY.items() if name not in NEW_IN_POLICIES}
    with salon.app.app_context(), tenant_scope(salon.tenant_id), transaction() as current:
        current.execute(
            text(
                "UPDATE tenants SET policy = policy - ARRAY(SELECT jsonb_object_keys(CAST(:new AS jsonb)))"
                " WHERE id = :id"
            ),
            {
                "new": '{"cancel_notice_minutes":0,"move_notice_minutes":0,"customer_max_per_day":0,'
                '"customer_max_per_week":0,"customer_max_upcoming":0}',
                "id": salon.tenant_id,
            },
        )
        assert (
            current.execute(text("SELECT policy FROM tenants WHERE id = :id"), {"id": salon.tenant_id}).scalar() == old
        )
    shown = salon.as_owner("GET", _path(salon, "policies")).json
    assert NEW_IN_POLICIES.items() <= shown.items()
    public = salon.client.get(f"/api/v1/public/{salon.slug}/policies", base_url=BASE_URL).get_json()
    assert public["hash"] == policy.snapshot(policy.DEFAULT_POLICY, public["version"])["hash"]
    assert salon.booked()["status"] == "confirmed"
    changed = salon.as_owner("PUT", _path(salon, "policies"), json={"customer_max_upcoming": 4}).json
    assert {**NEW_IN_POLICIES, "customer_max_upcoming": 4}.items() <= changed.items()


def test_defaults_fill_only_what_was_not_stored() -> None:
    assert scheduling.effective({}) == scheduling.DEFAULT_SCHEDULING
    stored = {"waitlist": {"order": "all"}, "look_busy_percent": 30}
    found = scheduling.effective(stored)
    assert (found["waitlist"]["order"], found["waitlist"]["offer_minutes"], found["look_busy_percent"]) == (
        "all",
        60,
        30,
    )
    assert scheduling.DEFAULT_SCHEDULING["waitlist"]["order"] == "queue"
    assert policy.effective({"card_required": False})["customer_max_per_day"] == 0

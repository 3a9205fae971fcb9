# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What each named cause says is to be done about it, done over HTTP."""

from collections.abc import Callable
from typing import Any

from tests.bookings.explained import Body, Busy, Wish

Undo = Callable[[Busy, Wish, Body], None]
LONGEST = 300


def undo(busy: Busy, wish: Wish, cause: Body) -> None:
    UNDOING[cause["kind"]](busy, wish, cause)


def _service(**change: Any) -> Undo:
    return lambda busy, wish, _: _put(busy, f"/services/{wish.service_id}", **change)


def _put(busy: Busy, path: str, **change: object) -> None:
    busy.send("PUT", path, change)


def _term(name: str, value: int) -> Undo:
    def run(busy: Busy, wish: Wish, cause: Body) -> None:
        policies = f"/tenants/{busy.salon.tenant_id}/policies"
        _put(busy, policies if cause["source"] == "policy" else f"/services/{wish.service_id}", **{name: value})

    return run


def _scheduling(**change: object) -> Undo:
    return lambda busy, _wish, _cause: _put(busy, f"/tenants/{busy.salon.tenant_id}/scheduling", **change)


def _name(busy: Busy, wish: Wish, cause: Body) -> None:
    named = busy.send("GET", f"/services/{wish.service_id}").json["team_member_ids"]
    _put(busy, f"/services/{wish.service_id}", team_member_ids=[*named, cause["team_member_id"]])


def _open(busy: Busy, wish: Wish, **subject: object) -> None:
    """A rule from the wished start, for longer than any visit."""
    local = wish.local
    end = local.hour * 60 + local.minute + LONGEST
    hours = {"start_time": f"{local:%H:%M}", "end_time": f"{end // 60:02d}:{end % 60:02d}"}
    busy.send("POST", "/availability/rules", {"day_of_week": local.isoweekday(), **hours, **subject})


def _delete_rules(busy: Busy, _wish: Wish, cause: Body) -> None:
    for rule_id in cause["rule_ids"]:
        busy.send("DELETE", f"/availability/rules/{rule_id}")


def _free(busy: Busy, _wish: Wish, taker: Body) -> None:
    owner_id = taker["owner_id"]
    method, path, body = {
        "booking": ("POST", f"/bookings/{owner_id}/cancel", {"canceled_by": "business"}),
        "hold": ("DELETE", f"/holds/{owner_id}", None),
        "block": ("DELETE", f"/availability/blocks/{owner_id}", None),
        "class": ("POST", f"/class-sessions/{owner_id}/cancel", {}),
    }[taker["claim_kind"]]
    busy.send(method, path, body, may=(404,))


def _free_room(busy: Busy, wish: Wish, cause: Body) -> None:
    room = busy.chance.choice(cause["rooms"])
    path = f"/resources/{room['resource_id']}"
    assert room["states"], cause
    if "room_inactive" in room["states"]:
        _put(busy, path, is_active=True)
    for exception_id in room["exception_ids"]:
        busy.send("DELETE", f"/availability/exceptions/{exception_id}")
    kinds = [busy.send("GET", f"/availability/rules/{one}").json["kind"] for one in room["rule_ids"]]
    _delete_rules(
        busy, wish, {"rule_ids": [one for one, kind in zip(room["rule_ids"], kinds, strict=True) if kind == "break"]}
    )
    if "closed" in room["states"] and not (room["exception_ids"] or "break" in kinds):
        _open(busy, wish, resource_id=room["resource_id"])
    for taker in room["taken_by"]:
        _free(busy, wish, taker)


def _align(busy: Busy, wish: Wish, cause: Body) -> None:
    """A finer grid; where it is the finest, a break that ends at the wished start, so that a grid begins there."""
    if cause["slot_interval_min"] > 5:
        _put(busy, f"/services/{wish.service_id}", slot_interval_min=5)
        return
    at = wish.local.hour * 60 + wish.local.minute
    day, until = (wish.local.isoweekday(), at) if at else ((wish.local.isoweekday() - 2) % 7 + 1, 1440)
    hours = {"start_time": f"{(until - 1) // 60:02d}:{(until - 1) % 60:02d}"}
    hours["end_time"] = f"{until // 60:02d}:{until % 60:02d}"
    rule = {"kind": "break", "day_of_week": day, **hours, "location_id": busy.location_id}
    busy.send("POST", "/availability/rules", rule)


def _switch_on_member(busy: Busy, _wish: Wish, cause: Body) -> None:
    _put(busy, f"/team/members/{cause['team_member_id']}", is_active=True)


def _lift_staff_cap(busy: Busy, _wish: Wish, cause: Body) -> None:
    _put(busy, f"/team/members/{cause['team_member_id']}", **{f"max_visits_per_{cause['per']}": None})


def _lift_customer_cap(busy: Busy, _wish: Wish, cause: Body) -> None:
    name = "customer_max_upcoming" if cause["per"] == "upcoming" else f"customer_max_per_{cause['per']}"
    _put(busy, f"/tenants/{busy.salon.tenant_id}/policies", **{name: 0})


def _open_member(busy: Busy, wish: Wish, cause: Body) -> None:
    _open(busy, wish, resource_id=cause["resource_id"])


def _open_location(busy: Busy, wish: Wish, cause: Body) -> None:
    _open(busy, wish, location_id=cause["location_id"])


def _open_service(busy: Busy, wish: Wish, cause: Body) -> None:
    _open(busy, wish, service_id=cause["service_id"])


def _delete_exception(busy: Busy, _wish: Wish, cause: Body) -> None:
    busy.send("DELETE", f"/availability/exceptions/{cause['exception_id']}", may=(404,))


UNDOING: dict[str, Undo] = {
    "service_inactive": _service(active=True),
    "service_is_class": _service(kind="appointment"),
    "min_notice": _term("min_notice_minutes", 0),
    "max_advance": _term("max_advance_days", 730),
    "staff_inactive": _switch_on_member,
    "does_not_do_service": _name,
    "no_hours": _open_member,
    "outside_hours": _open_member,
    "location_closed": _open_location,
    "service_not_offered_then": _open_service,
    "break": _delete_rules,
    "closure": _delete_exception,
    "taken": _free,
    "buffer": _free,
    "no_room": _free_room,
    "off_grid": _align,
    "gap": _scheduling(min_gap_minutes=0, avoid_unfillable_gaps=False),
    "look_busy": _scheduling(look_busy_percent=0),
    "staff_cap": _lift_staff_cap,
    "customer_cap": _lift_customer_cap,
    "prerequisite": _service(prerequisites=[]),
}

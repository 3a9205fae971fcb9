# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Lists in pages: newest first, `limit`, `starting_after`, `ending_before`, `created`."""

from collections.abc import Callable, Iterable
from typing import Any

from tithi.integrations.stripe.sandbox.call import Body, Call, shown
from tithi.integrations.stripe.sandbox.params import Params
from tithi.integrations.stripe.sandbox.problems import InvalidError, missing_reference

PAGING = ("limit", "starting_after", "ending_before", "expand", "created")
DEFAULT_LIMIT = 10
MAX_LIMIT = 100
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda value, bound: value > bound,
    "gte": lambda value, bound: value >= bound,
    "lt": lambda value, bound: value < bound,
    "lte": lambda value, bound: value <= bound,
}


def page(call: Call, objects: Iterable[Body], *, url: str, called: str) -> Body:
    """Cut the page the request asks for out of all objects, newest first."""
    limit = _limit(call.params)
    found = [body for body in objects if _created_fits(call.params, body)]
    before, after = call.params.text("ending_before"), call.params.text("starting_after")
    if after is not None:
        found = found[_place(found, after, called, "starting_after") + 1 :]
    if before is not None:
        found = found[: _place(found, before, called, "ending_before")]
        chosen = found[-limit:]
    else:
        chosen = found[:limit]
    return call.answer(listed([shown(body) for body in chosen], url=url, has_more=len(found) > limit))


def listed(data: list[Body], *, url: str, has_more: bool = False) -> Body:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def _limit(params: Params) -> int:
    limit = params.integer("limit")
    if limit is None:
        return DEFAULT_LIMIT
    if not 1 <= limit <= MAX_LIMIT:
        message = f"Invalid limit: must be between 1 and {MAX_LIMIT}."
        raise InvalidError(message, code="parameter_invalid_integer", param="limit")
    return limit


def _place(found: list[Body], name: str, called: str, param: str) -> int:
    for place, body in enumerate(found):
        if body["id"] == name:
            return place
    raise missing_reference(called, name, param)


def _created_fits(params: Params, body: Body) -> bool:
    bounds: Any = params.values.get("created")
    if bounds in (None, ""):
        return True
    if isinstance(bounds, dict):
        inner = params.inner("created")
        inner.allow(*_COMPARE)
        return all(_COMPARE[name](body["created"], inner.required_integer(name)) for name in bounds)
    return bool(body["created"] == params.integer("created"))

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Requests ready to be sent, as bytes."""

import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

from benchmarks.stack import BASE_DOMAIN
from benchmarks.world import DAYS, STAFF, Business, first_day

SLOTS_PER_DAY = 48


def request(method: str, path: str, *, body: object = None, token: str | None = None, key: str | None = None) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    head = [f"{method} {path} HTTP/1.1", f"Host: {BASE_DOMAIN}", f"Content-Length: {len(content)}"]
    if body is not None:
        head.append("Content-Type: application/json")
    if token is not None:
        head.append(f"Authorization: Bearer {token}")
    if key is not None:
        head.append(f"Idempotency-Key: {key}")
    return "\r\n".join([*head, "", ""]).encode() + content


def availability(business: Business) -> list[bytes]:
    """A week of each member of staff."""
    first = first_day()
    return [
        request(
            "POST",
            f"/api/v1/public/{business.slug}/availability",
            body={
                "service_id": str(business.service_id),
                "team_member_id": str(member),
                "start_date": first.isoformat(),
                "end_date": (first + timedelta(days=DAYS - 1)).isoformat(),
            },
        )
        for member in business.members
    ]


def bookings(token: str, *, limit: int = 50, cursor: str | None = None) -> bytes:
    after = f"&cursor={cursor}" if cursor else ""
    return request("GET", f"/api/v1/bookings?limit={limit}{after}", token=token)


class FreeTimes:
    """Times of a business that is open all day, each given out once."""

    def __init__(self, business: Business) -> None:
        self._business = business
        self._next = 0

    def book(self, token: str, *, count: int, times_each: int = 1) -> Iterator[bytes]:
        """Requests that book so many times, each of them asked for `times_each` times in a row."""
        for _ in range(count):
            body = self._body()
            for _ in range(times_each):
                yield request("POST", "/api/v1/bookings", body=body, token=token, key=str(uuid4()))

    def _body(self) -> dict[str, str]:
        number, self._next = self._next, self._next + 1
        slot, member = divmod(number, STAFF)
        day, half_hour = divmod(slot, SLOTS_PER_DAY)
        return {
            "service_id": str(self._business.service_id),
            "team_member_id": str(self._business.members[member]),
            "start_time": f"{first_day() + timedelta(days=day)}T{half_hour // 2:02d}:{half_hour % 2 * 30:02d}:00Z",
            "customer_id": str(self._business.customers[number % len(self._business.customers)]),
        }

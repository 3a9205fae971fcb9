# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The databases of a run, made once for all goals."""

from dataclasses import dataclass

from benchmarks.stack import Bench, build_database
from benchmarks.world import (
    ALL_DAY,
    SHOP_HOURS,
    Business,
    add_businesses,
    add_past,
    add_week,
    application,
    open_business,
)


@dataclass(frozen=True, slots=True)
class World:
    """`small` holds 400 bookings, `middle` 100,000 more of the same business, `large` those of 1,000 businesses."""

    bench: Bench
    shop: Business
    desks: dict[str, Business]
    is_quick: bool
    size: str

    @property
    def repeats(self) -> int:
        return 3 if self.is_quick else 5

    @property
    def seconds(self) -> float:
        return 1.0 if self.is_quick else 2.0


def build_world(bench: Bench, *, is_quick: bool) -> World:
    build_database(bench, "empty")
    build_database(bench, "small", template="empty")
    with application(bench, "small"):
        shop = open_business(bench, "small", "shop", hours=SHOP_HOURS)
        desks = {name: open_business(bench, "small", f"desk-{name}", hours=ALL_DAY) for name in ("raw", "tithi")}
    add_week(bench, "small", shop)
    build_database(bench, "middle", template="small")
    add_past(bench, "middle", shop, each=10_000)
    build_database(bench, "large", template="middle")
    each = 40 if is_quick else 180
    add_businesses(bench, "large", count=999, each=each, like=shop)
    size = f"{(999 * 5 * each + 100_400) // 1000:,},000 bookings of 1,000 businesses"
    return World(bench, shop, desks, is_quick, size)

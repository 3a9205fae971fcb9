# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Callable, Iterator

import pytest

from tests.factories.businesses import Salon
from tests.factories.waitlist import AHEAD, OneSlot, Watch, at_local, open_between
from tithi.platform import clock


@pytest.fixture
def watch(salon: Salon) -> Iterator[Watch]:
    """A clock that shows noon of tomorrow at the salon, until it is moved."""
    found = Watch(at_local(salon, 12, days=1))
    with clock.steered(lambda: found.at):
        yield found


@pytest.fixture
def one_slot(salon: Salon, watch: Watch, drain: Callable[[], None]) -> OneSlot:  # noqa: ARG001 - the clock is steered first
    open_between(salon, "10:00", "10:30")
    start = at_local(salon, 10, days=AHEAD)
    return OneSlot(salon, start, salon.booked(start=start)["booking_id"], drain)

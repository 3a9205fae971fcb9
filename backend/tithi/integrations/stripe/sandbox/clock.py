# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The sandbox's own time: real time plus an offset that is only ever set on command."""

import time
from datetime import UTC, datetime

from tithi.integrations.stripe.sandbox.store import Store

_OFFSET = "clock_offset"


class Clock:
    def __init__(self, store: Store) -> None:
        self._store = store

    def now(self) -> int:
        """Answer seconds since the epoch."""
        return int(time.time()) + int(self._store.fact(_OFFSET, "0"))

    def advance(self, seconds: int) -> None:
        self._store.set_fact(_OFFSET, str(int(self._store.fact(_OFFSET, "0")) + seconds))

    def set(self, moment: int) -> None:
        self._store.set_fact(_OFFSET, str(moment - int(time.time())))


def rfc3339(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")

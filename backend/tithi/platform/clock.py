# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The one source of the present instant."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def _system_now() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system_now


def now() -> datetime:
    """The present instant, in UTC."""
    return _source()


@contextmanager
def steered(source: Callable[[], datetime]) -> Iterator[None]:
    """Take the present instant from `source` for the whole process, as tests and simulations do."""
    global _source  # noqa: PLW0603 - the clock is process-wide by purpose
    previous = _source
    _source = source
    try:
        yield
    finally:
        _source = previous

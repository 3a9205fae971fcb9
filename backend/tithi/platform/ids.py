# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Identifiers made by the client: UUID version 7, so that new rows land together in an index."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

_source: Callable[[], UUID] = uuid7


def new_id() -> UUID:
    return _source()


def id_for(moment: datetime, name: str) -> UUID:
    """The same identifier each time for the same moment and name, in the form of one made at that moment."""
    milliseconds = int(moment.timestamp() * 1000)
    digest = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=10).digest(), "big")
    high, low = digest >> 68, digest & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 7 << 76 | high << 64 | 0b10 << 62 | low)


@contextmanager
def steered(source: Callable[[], UUID]) -> Iterator[None]:
    """Take identifiers from `source` for the whole process, as tests do."""
    global _source  # noqa: PLW0603 - the generator is process-wide by purpose
    previous = _source
    _source = source
    try:
        yield
    finally:
        _source = previous

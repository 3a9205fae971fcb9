"""Identifiers made by the client: UUID version 7, so that new rows land together in an index."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from uuid_utils.compat import uuid7

_source: Callable[[], UUID] = uuid7


def new_id() -> UUID:
    return _source()


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

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Keyset paging: a cursor is the sort key of the last row shown."""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from tithi.platform.errors import InvalidError

MOST = 100
DEFAULT = 50


def encode(*key: datetime | UUID | str | int) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def decode_instant_and_id(cursor: str) -> tuple[datetime, UUID]:
    """Read a cursor over (instant, id).

    Raises:
        Invalid: the text is not such a cursor.
    """
    instant, identifier = _decode(cursor, 2)
    try:
        at = datetime.fromisoformat(instant)
        found = UUID(identifier)
    except (TypeError, ValueError, AttributeError) as error:
        raise InvalidError(errors={"cursor": ["is not a cursor of this list"]}) from error
    if at.tzinfo is None:
        raise InvalidError(errors={"cursor": ["is not a cursor of this list"]})
    return at, found


def decode_text_and_id(cursor: str) -> tuple[str, UUID]:
    """Read a cursor over (text, id).

    Raises:
        Invalid: the text is not such a cursor.
    """
    words, identifier = _decode(cursor, 2)
    try:
        return str(words).replace("\x00", ""), UUID(identifier)
    except (TypeError, ValueError, AttributeError) as error:
        raise InvalidError(errors={"cursor": ["is not a cursor of this list"]}) from error


def _decode(cursor: str, length: int) -> list[Any]:
    try:
        key = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except ValueError as error:
        raise InvalidError(errors={"cursor": ["is not a cursor of this list"]}) from error
    if not isinstance(key, list) or len(key) != length:
        raise InvalidError(errors={"cursor": ["is not a cursor of this list"]})
    return key


def split(rows: Sequence[Any], limit: int) -> tuple[list[Any], bool]:
    """Cut a list that was read with `limit + 1`; says whether there is more."""
    return list(rows[:limit]), len(rows) > limit

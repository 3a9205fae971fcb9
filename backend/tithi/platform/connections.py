# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Connections that begin a transaction together with its first statement.

psycopg2 sends BEGIN by itself, and the binding of the scope follows it: two round trips before the first statement.
Here both travel with it, as one simple query, which a pooler in transaction mode takes as well.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from psycopg2.extensions import connection as PlainConnection  # noqa: N812 - psycopg2 names its classes in lower case
from psycopg2.extensions import cursor as PlainCursor  # noqa: N812 - psycopg2 names its classes in lower case
from psycopg2.sql import Composable

BEGIN = b"BEGIN; "

Vars = Sequence[Any] | Mapping[str, Any] | None


class Connection(PlainConnection):
    """In autocommit towards psycopg2, so that it sends no BEGIN; towards the caller it behaves as ever."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.autocommit = True
        self.cursor_factory = Cursor
        self._binding = b""

    def bind(self, statement: str, parameters: Sequence[str]) -> None:
        """Run the statement at the beginning of the transaction that the next statement opens."""
        with super().cursor() as cursor:
            self._binding = cursor.mogrify(statement, parameters) + b"; "

    def take_beginning(self) -> bytes:
        """What has to precede a statement sent now."""
        if self.get_transaction_status() != TRANSACTION_STATUS_IDLE:
            return b""
        beginning, self._binding = BEGIN + self._binding, b""
        return beginning

    def commit(self) -> None:
        self._end("COMMIT")

    def rollback(self) -> None:
        self._end("ROLLBACK")

    def _end(self, word: str) -> None:
        self._binding = b""
        if self.get_transaction_status() != TRANSACTION_STATUS_IDLE:
            with super().cursor(cursor_factory=PlainCursor) as cursor:
                cursor.execute(word)


class Cursor(PlainCursor):
    connection: Connection

    def execute(self, query: str | bytes | Composable, vars: Vars = None) -> None:  # noqa: A002 - the name is psycopg2's
        beginning = self.connection.take_beginning()
        if beginning:
            super().execute(beginning + self.mogrify(query, vars))
        else:
            super().execute(query, vars)

    def executemany(self, query: str | bytes | Composable, vars_list: Iterable[Vars]) -> None:
        beginning = self.connection.take_beginning()
        if beginning:
            super().execute(beginning)
        super().executemany(query, vars_list)

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The sandbox's objects, kept as JSON in SQLite so that they outlive the process."""

import json
import secrets
import sqlite3
import string
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from tithi.integrations.stripe.sandbox.problems import missing_object

Body = dict[str, Any]

_ALPHABET = string.ascii_letters + string.digits
_ID_LENGTH = 24
_SCHEMA = """
create table if not exists objects (
    seq integer primary key autoincrement, kind text not null, account text not null, id text not null,
    owner text, due integer, body text not null, unique (kind, account, id)
);
create index if not exists objects_by_owner on objects (kind, owner, account, seq);
create index if not exists objects_by_due on objects (due) where due is not null;
create table if not exists facts (name text primary key, value text not null);
"""


def new_id(prefix: str) -> str:
    return f"{prefix}_{''.join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH))}"


class Store:
    """Objects by kind, account and id; `owner` groups them for lists, `due` is when the clock must look at them.

    `transaction` holds the one lock; everything else is called inside one.
    """

    def __init__(self, path: Path | None) -> None:
        self._lock = RLock()
        self._database = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._database.executescript("pragma journal_mode=wal; pragma synchronous=off;" + _SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep what is done inside when it ends well, undo it when it raises; may be nested, the outermost decides."""
        with self._lock:
            if self._database.in_transaction:
                yield
                return
            self._database.execute("begin")
            try:
                yield
            except BaseException:
                self._database.execute("rollback")
                raise
            self._database.execute("commit")

    def put(self, kind: str, account: str, body: Body, *, owner: str | None = None, due: int | None = None) -> Body:
        """Insert or replace; an existing object keeps its place in lists and its owner."""
        self._database.execute(
            "insert into objects (kind, account, id, owner, due, body) values (?, ?, ?, ?, ?, ?) "
            "on conflict (kind, account, id) do update set body = excluded.body, due = excluded.due, "
            "owner = coalesce(excluded.owner, objects.owner)",
            (kind, account, body["id"], owner, due, json.dumps(body)),
        )
        return body

    def find(self, kind: str, account: str, name: str) -> Body | None:
        row = self._database.execute(
            "select body from objects where kind = ? and account = ? and id = ?", (kind, account, name)
        ).fetchone()
        return None if row is None else _loaded(row[0])

    def get(self, kind: str, account: str, name: str, *, called: str, param: str = "id") -> Body:
        """Answer the object or raise the vendor's 404."""
        body = self.find(kind, account, name)
        if body is None:
            raise missing_object(called, name, param)
        return body

    def every(self, kind: str, account: str | None = None, *, owner: str | None = None) -> Iterator[Body]:
        """Newest first; without an account, of all accounts."""
        query = "select body from objects where kind = ?"
        values = [kind]
        if account is not None:
            query, values = query + " and account = ?", [*values, account]
        if owner is not None:
            query, values = query + " and owner = ?", [*values, owner]
        for row in self._database.execute(query + " order by seq desc", values).fetchall():
            yield _loaded(row[0])

    def take_due(self, now: int) -> tuple[str, str, str, int] | None:
        """Answer kind, account, id and instant of the first thing that the clock has reached; it is due no more."""
        query = "select seq, kind, account, id, due from objects where due <= ? order by due, seq limit 1"
        row = self._database.execute(query, (now,)).fetchone()
        if row is None:
            return None
        self._database.execute("update objects set due = null where seq = ?", row[:1])
        return row[1], row[2], row[3], row[4]

    def remove(self, kind: str, account: str, name: str) -> None:
        self._database.execute("delete from objects where kind = ? and account = ? and id = ?", (kind, account, name))

    def fact(self, name: str, default: str = "") -> str:
        row = self._database.execute("select value from facts where name = ?", (name,)).fetchone()
        return default if row is None else str(row[0])

    def set_fact(self, name: str, value: str) -> None:
        self._database.execute("insert or replace into facts (name, value) values (?, ?)", (name, value))


def _loaded(text: str) -> Body:
    body: Body = json.loads(text)
    return body

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the sandbox has accepted, in SQLite."""

import json
import secrets
import sqlite3
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('email', 'sms')),
    ref TEXT NOT NULL UNIQUE,
    dedupe_key TEXT NOT NULL,
    recipient TEXT NOT NULL,
    content TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 1,
    received_at TEXT NOT NULL,
    UNIQUE (kind, dedupe_key)
);
CREATE INDEX IF NOT EXISTS messages_by_recipient ON messages (kind, recipient, id);
CREATE TABLE IF NOT EXISTS attachments (
    message_id INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    filename TEXT NOT NULL,
    content_type TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (message_id, position)
);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """`is_duplicate`: the dedupe key had been accepted before, so only the attempt was counted."""

    id: int
    ref: str
    is_duplicate: bool
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAttachment:
    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """`content` holds what was posted, without attachments; `received_at` is ISO 8601 in UTC."""

    id: int
    kind: str
    ref: str
    dedupe_key: str
    recipient: str
    content: Mapping[str, Any]
    attempts: int
    received_at: str
    attachments: tuple[StoredAttachment, ...]


class MessageStore:
    """One connection shared by all threads under a lock; `path` may be ":memory:"."""

    def __init__(self, path: Path | str) -> None:
        self._lock = RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(_SCHEMA)

    def accept(
        self,
        *,
        kind: str,
        dedupe_key: str,
        recipient: str,
        content: Mapping[str, Any],
        attachments: Sequence[Mapping[str, str]] = (),
    ) -> Receipt:
        """Keep a message, or count the attempt when its key is known; attachment contents are in base64."""
        with self._lock, self._transaction():
            row = self._connection.execute(
                "INSERT INTO messages (kind, ref, dedupe_key, recipient, content, received_at)"
                " VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (kind, dedupe_key) DO UPDATE SET attempts = attempts + 1 RETURNING id, ref, attempts",
                (
                    kind,
                    f"sandbox_{kind}_{secrets.token_hex(12)}",
                    dedupe_key,
                    recipient,
                    json.dumps(content),
                    datetime.now(UTC).isoformat(timespec="milliseconds"),
                ),
            ).fetchone()
            is_duplicate = row["attempts"] > 1
            if not is_duplicate:
                self._connection.executemany(
                    "INSERT INTO attachments VALUES (?, ?, ?, ?, ?)",
                    [
                        (row["id"], position, item["filename"], item["content_type"], b64decode(item["content"]))
                        for position, item in enumerate(attachments)
                    ],
                )
        return Receipt(id=row["id"], ref=row["ref"], is_duplicate=is_duplicate, attempts=row["attempts"])

    def find(
        self, *, kind: str, limit: int, recipient: str | None = None, dedupe_key: str | None = None
    ) -> list[StoredMessage]:
        """The newest first; the recipient is compared without regard to case."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT * FROM messages WHERE kind = :kind"
                " AND (:recipient IS NULL OR lower(recipient) = lower(:recipient))"
                " AND (:dedupe_key IS NULL OR dedupe_key = :dedupe_key) ORDER BY id DESC LIMIT :limit",
                {"kind": kind, "recipient": recipient, "dedupe_key": dedupe_key, "limit": limit},
            ).fetchall()
            return [self._message(row) for row in rows]

    def get(self, *, kind: str, message_id: int) -> StoredMessage | None:
        with self._lock:
            row = self._connection.execute(
                "SELECT * FROM messages WHERE kind = ? AND id = ?", (kind, message_id)
            ).fetchone()
            return None if row is None else self._message(row)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._connection)

    def _message(self, row: sqlite3.Row) -> StoredMessage:
        attachments = self._connection.execute(
            "SELECT filename, content_type, content FROM attachments WHERE message_id = ? ORDER BY position",
            (row["id"],),
        ).fetchall()
        return StoredMessage(
            id=row["id"],
            kind=row["kind"],
            ref=row["ref"],
            dedupe_key=row["dedupe_key"],
            recipient=row["recipient"],
            content=json.loads(row["content"]),
            attempts=row["attempts"],
            received_at=row["received_at"],
            attachments=tuple(StoredAttachment(**dict(attachment)) for attachment in attachments),
        )


class _Transaction:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, error_type: type[BaseException] | None, *_: object) -> None:
        self._connection.execute("ROLLBACK" if error_type else "COMMIT")

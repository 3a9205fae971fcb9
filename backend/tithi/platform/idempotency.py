# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""One effect per key: the stored answer of a write, kept 72 hours.

The key's scope is tenant, actor, route and key. An advisory lock tells a running twin without waiting; the row, written
before the effect and in its transaction, holds the answer. A refusal undoes the row, so the key can be used again.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import TextClause, text

from tithi.platform import clock
from tithi.platform.db import first_transaction, session, transaction
from tithi.platform.errors import ConflictError, InvalidError, TithiError, UnprocessableError
from tithi.platform.ids import id_for, new_id

KEEP = timedelta(hours=72)
LEASE = timedelta(seconds=20)
PRUNE_EVERY = timedelta(minutes=10)
NEVER = datetime.min.replace(tzinfo=UTC)
MOST_REMEMBERED = 10_000
LONGEST_KEY = 255
NO_TENANT = UUID(int=0)
FAILURE = 500

_pruned_at: dict[UUID | None, datetime] = {}


class KeyMissingError(InvalidError):
    code = "TITHI_IDEMPOTENCY_KEY_MISSING"
    title = "This needs an Idempotency-Key header."


class KeyInvalidError(InvalidError):
    code = "TITHI_IDEMPOTENCY_KEY_INVALID"
    title = "The idempotency key is 1 to 255 printable characters, and the same in header and body."


class KeyInUseError(ConflictError):
    code = "TITHI_IDEMPOTENCY_IN_PROGRESS"
    title = "A request with this key is still running."


class KeyReusedError(UnprocessableError):
    code = "TITHI_IDEMPOTENCY_KEY_REUSED"
    title = "This key was used with another request."


@dataclass(frozen=True, slots=True)
class Key:
    tenant_id: UUID | None
    actor: str
    route: str
    key: str
    fingerprint: str

    @property
    def table(self) -> str:
        return "idempotency_keys" if self.tenant_id else "platform_idempotency"


@dataclass(frozen=True, slots=True)
class _Taken:
    """A key that is ours since `at`; `is_resumed` when earlier work under it was cut short."""

    at: datetime
    is_resumed: bool


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    status: int
    body: bytes


def fingerprint(*, path: str, body: object) -> str:
    """SHA-256 of the request's path and canonical body."""
    canonical = orjson.dumps([path, body], option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(canonical).hexdigest()


def claim(key: Key) -> StoredAnswer | None:
    """Take the key in the open transaction; the first statement of the work it guards.

    Returns:
        The stored answer when the work was done before, else None: the caller does it now.

    Raises:
        KeyInUse: a twin is running.
        KeyReused: the key was used with another request.
    """
    found = _take(key)
    return found if isinstance(found, StoredAnswer) else None


def _take(key: Key) -> "StoredAnswer | _Taken":
    parameters = _parameters(key)
    taken = session().execute(_CLAIM[key.table], parameters).scalar()
    if taken:
        return _Taken(taken, is_resumed=False)
    row = session().execute(_READ[key.table], parameters).one_or_none()
    if row is None:
        raise KeyInUseError(headers={"Retry-After": "1"})
    if row.fingerprint != key.fingerprint:
        raise KeyReusedError
    if row.status is not None:
        return StoredAnswer(row.status, bytes(row.body))
    resumed = session().execute(_RESUME[key.table], parameters).scalar()
    if not resumed:
        raise KeyInUseError(headers={"Retry-After": "1"})
    return _Taken(resumed, is_resumed=True)


def store(key: Key, answer: StoredAnswer) -> None:
    """Keep the answer, in the transaction of the effect; now and then keys that are past keeping go with it."""
    parameters = _parameters(key)
    session().execute(_STORE[key.table], {**parameters, "status": answer.status, "body": answer.body})
    now = clock.now()
    if _pruned_at.get(key.tenant_id, NEVER) + PRUNE_EVERY <= now:
        if len(_pruned_at) >= MOST_REMEMBERED:
            _pruned_at.clear()
        _pruned_at[key.tenant_id] = now
        session().execute(_PRUNE[key.table], parameters)


def release(key: Key) -> None:
    """Give a key back whose work was refused after the key was committed."""
    session().execute(_RELEASE[key.table], _parameters(key))


def reopen(key: Key) -> None:
    """Let the next request with this key take up at once what was cut short after the key was committed."""
    session().execute(_REOPEN[key.table], _parameters(key))


class AnsweredBeforeError(Exception):
    """Ends work whose answer is stored already."""

    def __init__(self, answer: StoredAnswer) -> None:
        super().__init__()
        self.answer = answer


class _Guard:
    """Takes the key in the first transaction of phased work, and keeps the answer in its last."""

    def __init__(self, key: Key, render: Callable[[Any], StoredAnswer]) -> None:
        self.key = key
        self._render = render
        self._is_claimed = False
        self._is_sure = False
        self.taken: _Taken | None = None
        self.answer: StoredAnswer | None = None

    def begun(self) -> None:
        if self._is_claimed:
            self._is_sure = True
            return
        self._is_claimed = True
        found = _take(self.key)
        if isinstance(found, StoredAnswer):
            raise AnsweredBeforeError(found)
        self.taken = found

    def undone(self) -> None:
        if not self._is_sure:
            self._is_claimed = False
        self.answer = None

    def conclude(self, result: object) -> None:
        answer = self._render(result)
        store(self.key, answer)
        self.answer = answer

    @property
    def holds_key(self) -> bool:
        return self._is_claimed


_guard: ContextVar[_Guard | None] = ContextVar("tithi_idempotency_guard", default=None)


def conclude(result: object) -> None:
    """Inside the last transaction of phased work: keep its answer together with its effect."""
    guard = _guard.get()
    if guard is not None:
        guard.conclude(result)


def work_id() -> UUID:
    """The id for what guarded work makes, inside its transactions: the same when work cut short is taken up again."""
    guard = _guard.get()
    if guard is None or guard.taken is None:
        return new_id()
    key = guard.key
    named = f"{key.tenant_id}|{key.actor}|{key.route}|{key.key}|{guard.taken.at.timestamp()}"
    return id_for(guard.taken.at, named)


def is_resumed() -> bool:
    """Whether earlier work under this key was cut short, so that what `work_id` names may exist already."""
    guard = _guard.get()
    return guard is not None and guard.taken is not None and guard.taken.is_resumed


@contextmanager
def as_part() -> Iterator[None]:
    """Run a use case as one part of a larger piece of work: what it concludes is not yet the whole's answer."""
    token = _guard.set(None)
    try:
        yield
    finally:
        _guard.reset(token)


def run_in_phases(
    key: Key, work: Callable[[], Any], render: Callable[[Any], StoredAnswer]
) -> tuple[StoredAnswer, bool]:
    """Guard work that opens several transactions of its own; says the answer and whether it is a replay.

    The key is committed with the first transaction. Work that did not `conclude` has its answer stored after it. A
    refusal gives the key back; after a failure the next request with the key takes the work up again.
    """
    guard = _Guard(key, render)
    tokens = _guard.set(guard), first_transaction.set(guard)
    try:
        result = work()
        if guard.answer is None:
            with transaction():
                guard.conclude(result)
    except AnsweredBeforeError as before:
        return before.answer, True
    except BaseException as error:
        first_transaction.set(None)
        if guard.holds_key:
            with transaction():
                release(key) if _is_refusal(error) else reopen(key)
        raise
    finally:
        _guard.reset(tokens[0])
        first_transaction.reset(tokens[1])
    if guard.answer is None:
        raise RuntimeError(key.route)
    return guard.answer, False


def _is_refusal(error: BaseException) -> bool:
    return isinstance(error, TithiError) and error.status < FAILURE


def _parameters(key: Key) -> dict[str, object]:
    now = clock.now()
    lock = hashlib.blake2b(f"{key.tenant_id}|{key.actor}|{key.route}|{key.key}".encode(), digest_size=8).digest()
    return {
        "tenant_id": key.tenant_id or NO_TENANT,
        "actor": key.actor,
        "route": key.route,
        "key": key.key,
        "fingerprint": key.fingerprint,
        "now": now,
        "lease": now + LEASE,
        "too_old": now - KEEP,
        "lock": int.from_bytes(lock, "big", signed=True),
    }


def _for(table: str, statement: str) -> TextClause:
    tenant = table == "idempotency_keys"
    filled = statement.format(
        table=table,
        tenant_column="tenant_id, " if tenant else "",
        tenant_value=":tenant_id, " if tenant else "",
        whose="tenant_id = :tenant_id AND " if tenant else "",
        same_tenant="k.tenant_id = old.tenant_id AND " if tenant else "",
        this="{}actor = :actor AND route = :route AND key = :key".format(
            "tenant_id = :tenant_id AND " if tenant else ""
        ),
    )
    return text(filled)


_TABLES = ("idempotency_keys", "platform_idempotency")
_CLAIM = {
    table: _for(
        table,
        "INSERT INTO {table} ({tenant_column}actor, route, key, fingerprint, leased_until, created_at)"
        " SELECT {tenant_value}:actor, :route, :key, :fingerprint, :lease, :now"
        " WHERE pg_try_advisory_xact_lock(:lock)"
        " ON CONFLICT ({tenant_column}actor, route, key) DO NOTHING RETURNING created_at",
    )
    for table in _TABLES
}
_READ = {table: _for(table, "SELECT fingerprint, status, body FROM {table} WHERE {this}") for table in _TABLES}
_RESUME = {
    table: _for(
        table,
        "UPDATE {table} SET leased_until = :lease WHERE {this} AND status IS NULL AND leased_until < :now"
        " AND pg_try_advisory_xact_lock(:lock) RETURNING created_at",
    )
    for table in _TABLES
}
_STORE = {table: _for(table, "UPDATE {table} SET status = :status, body = :body WHERE {this}") for table in _TABLES}
_PRUNE = {
    table: _for(
        table,
        "WITH old AS (SELECT {tenant_column}actor, route, key FROM {table} WHERE {whose}created_at < :too_old"
        " ORDER BY created_at LIMIT 500 FOR UPDATE SKIP LOCKED)"
        " DELETE FROM {table} k USING old"
        " WHERE {same_tenant}k.actor = old.actor AND k.route = old.route AND k.key = old.key",
    )
    for table in _TABLES
}
_REOPEN = {
    table: _for(table, "UPDATE {table} SET leased_until = created_at WHERE {this} AND status IS NULL")
    for table in _TABLES
}
_RELEASE = {table: _for(table, "DELETE FROM {table} WHERE {this} AND status IS NULL") for table in _TABLES}

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Whether rows stay with their tenant: what each role can do with each table, tried out.

Every check answers a list of findings, empty when all is well; `catalogue_checks` has those that read the catalogue.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import psycopg2
from psycopg2 import sql
from psycopg2.extras import Json

Dsn = Callable[[str], str]
Standing = Literal["own", "foreign", "none"]
Verb = Literal["select", "insert", "update", "move", "delete"]

ROLES = ("tithi_app", "tithi_worker")
VERBS: tuple[Verb, ...] = ("select", "insert", "update", "move", "delete")
PLATFORM_TABLES = frozenset({"alembic_version", "platform_audit", "platform_idempotency", "webhook_inbox"})
USERS_COLUMN = {"users": "id", "user_credentials": "user_id", "auth_sessions": "user_id", "refresh_tokens": "user_id"}
GLOBAL_TABLES = PLATFORM_TABLES | USERS_COLUMN.keys() | {"tenants"}
APPENDED_ONLY = frozenset({"booking_moves", "gift_card_moves", "ledger_entries", "receipts"})
"""Nobody changes or deletes a row of these."""
WORKERS_QUEUES = frozenset({"deliveries", "event_outbox", "timers"})

REFUSED = "42501"
TAKEN_ALREADY = frozenset({"23505", "23P01"})
STILL_NEEDED = frozenset({"23001", "23503"})


@dataclass(frozen=True, slots=True)
class Subject:
    """A table whose rows belong to whom `setting` names, by `column`; `mine` and `theirs` are one row each."""

    table: str
    column: str
    setting: str
    writable: tuple[str, ...]
    mine: dict[str, Any]
    theirs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    rows: int
    error: str | None


@contextmanager
def connected(dsn: str) -> Iterator[Any]:
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        yield cursor


def base_tables(cursor: Any) -> list[str]:  # noqa: ANN401 - psycopg2 has no types
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1"
    )
    return [name for (name,) in cursor.fetchall()]


def subjects(dsn: Dsn, *, mine: dict[str, str], theirs: dict[str, str]) -> list[Subject]:
    """Every table with one row of mine and one of theirs; both map a setting to an id."""
    with connected(dsn("postgres")) as cursor:
        return [
            found
            for table in base_tables(cursor)
            if table not in PLATFORM_TABLES
            and (found := _subject(cursor, table, _setting_of(table), mine, theirs)) is not None
        ]


def _setting_of(table: str) -> str:
    return "app.user_id" if table in USERS_COLUMN else "app.tenant_id"


def column_of(table: str) -> str:
    return USERS_COLUMN.get(table) or ("id" if table == "tenants" else "tenant_id")


def _subject(
    cursor: Any,  # noqa: ANN401 - psycopg2 has no types
    table: str,
    setting: str,
    mine: dict[str, str],
    theirs: dict[str, str],
) -> Subject | None:
    column = column_of(table)
    found = [_sample(cursor, table, column, whose[setting]) for whose in (mine, theirs)]
    if found[0] is None or found[1] is None:
        return None
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' AND attidentity = '' ORDER BY attnum",
        (table,),
    )
    return Subject(table, column, setting, tuple(name for (name,) in cursor.fetchall()), found[0], found[1])


def _sample(cursor: Any, table: str, column: str, owner: str) -> dict[str, Any] | None:  # noqa: ANN401 - psycopg2
    cursor.execute(
        sql.SQL("SELECT to_jsonb(t) FROM {} t WHERE {} = %s LIMIT 1").format(
            sql.Identifier(table), sql.Identifier(column)
        ),
        (owner,),
    )
    row = cursor.fetchone()
    return row[0] if row else None


def leaks(dsn: Dsn, role: str, verb: Verb, found: list[Subject]) -> list[str]:
    """What `role` can do with rows that are not its tenant's, and what it cannot do with its own."""
    with connected(dsn(role)) as cursor:
        return [
            finding
            for subject in found
            for standing in ("own", "foreign", "none")
            if (finding := _judged(role, verb, standing, subject, _attempt(cursor, verb, standing, subject)))
            if not _is_meant(role, verb, standing, subject)
        ]


def _is_meant(role: str, verb: Verb, standing: Standing, subject: Subject) -> bool:
    """The worker reads and settles its own queues across tenants; the audit trail is written by its trigger alone.

    Whose a queue's row is nobody can change: the grants name the columns that its handling changes.
    """
    in_queue = subject.table in WORKERS_QUEUES
    if standing == "none" and role == "tithi_worker" and in_queue and verb in {"select", "delete"}:
        return True
    if standing == "own" and in_queue and verb == "update":
        return True
    if standing != "own":
        return False
    if verb == "delete" and (subject.table == "tenants" or subject.table in USERS_COLUMN):
        return True
    return subject.table == "audit_logs" and verb != "select"


def _attempt(cursor: Any, verb: Verb, standing: Standing, subject: Subject) -> Outcome:  # noqa: ANN401 - psycopg2
    """Try the verb on one row as the owner of `mine` (or as nobody), and undo it."""
    owner = "" if standing == "none" else str(subject.mine[subject.column])
    target = subject.theirs if standing == "foreign" else subject.mine
    statement, values = _statement(verb, subject, target)
    try:
        cursor.execute("SELECT set_config(%s, %s, true)", (subject.setting, owner))
        cursor.execute(statement, values)
        return Outcome(int(cursor.fetchone()[0]) if verb == "select" else cursor.rowcount, None)
    except psycopg2.Error as error:
        return Outcome(0, error.pgcode)
    finally:
        cursor.connection.rollback()


def _statement(verb: Verb, subject: Subject, target: dict[str, Any]) -> tuple[sql.Composed, tuple[Any, ...]]:
    table, column = sql.Identifier(subject.table), sql.Identifier(subject.column)
    owner = str(target[subject.column])
    if verb == "select":
        return sql.SQL("SELECT count(*) FROM {} WHERE {} = %s").format(table, column), (owner,)
    if verb == "delete":
        return sql.SQL("DELETE FROM {} WHERE {} = %s").format(table, column), (owner,)
    if verb == "update":
        return sql.SQL("UPDATE {} SET {} = {} WHERE {} = %s").format(table, column, column, column), (owner,)
    if verb == "move":
        other = str(subject.mine[subject.column] if target is subject.theirs else subject.theirs[subject.column])
        return sql.SQL("UPDATE {} SET {} = %s WHERE {} = %s").format(table, column, column), (other, owner)
    columns = sql.SQL(", ").join(map(sql.Identifier, subject.writable))
    return (
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM jsonb_populate_record(NULL::{}, %s)").format(
            table, columns, columns, table
        ),
        (Json(target),),
    )


def _judged(role: str, verb: Verb, standing: Standing, subject: Subject, outcome: Outcome) -> str | None:
    is_kept = subject.table in APPENDED_ONLY and verb in {"update", "delete"}
    if outcome == Outcome(0, REFUSED) if is_kept else _is_right(verb, standing, outcome):
        return None
    return f"{role}: {verb} of {standing} rows of {subject.table}: {outcome.rows} rows, {outcome.error or 'no error'}"


def _is_right(verb: Verb, standing: Standing, outcome: Outcome) -> bool:
    if standing == "own":
        if verb in {"select", "update"}:
            return outcome.rows > 0
        if verb == "insert":
            return outcome.rows == 1 or outcome.error in TAKEN_ALREADY
        if verb == "move":
            return outcome.error == REFUSED
        return outcome.rows > 0 or outcome.error in STILL_NEEDED
    if verb == "insert":
        return outcome.error == REFUSED
    return outcome.rows == 0 and outcome.error in {None, REFUSED}


def crossing_keys(dsn: Dsn, found: list[Subject]) -> list[str]:
    """The foreign keys by which a tenant's row can point at another tenant's."""
    by_table = {subject.table: subject for subject in found}
    with connected(dsn("postgres")) as cursor:
        cursor.execute(
            """
            SELECT c.conname, c.conrelid::regclass::text, c.confrelid::regclass::text, a.attname, p.attname
            FROM pg_constraint c
            CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k(own, parent)
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own
            JOIN pg_attribute p ON p.attrelid = c.confrelid AND p.attnum = k.parent
            WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND a.attname <> 'tenant_id'
            ORDER BY 1
            """
        )
        keys = cursor.fetchall()
    with connected(dsn("tithi_app")) as cursor:
        return [
            f"{name}: a row of {table} may point at another tenant's row of {parent}"
            for name, table, parent, column, parents_column in keys
            if table not in GLOBAL_TABLES and parent not in GLOBAL_TABLES and {table, parent} <= by_table.keys()
            if _points_across(cursor, by_table[table], column, by_table[parent].theirs[parents_column])
        ]


def _points_across(cursor: Any, subject: Subject, column: str, theirs: str) -> bool:  # noqa: ANN401 - psycopg2
    try:
        cursor.execute("SELECT set_config('app.tenant_id', %s, true)", (subject.mine["tenant_id"],))
        cursor.execute(
            sql.SQL("UPDATE {} SET {} = %s WHERE ctid = (SELECT ctid FROM {} LIMIT 1)").format(
                sql.Identifier(subject.table), sql.Identifier(column), sql.Identifier(subject.table)
            ),
            (theirs,),
        )
        return bool(cursor.rowcount)
    except psycopg2.Error as error:
        return error.pgcode not in {*STILL_NEEDED, REFUSED}
    finally:
        cursor.connection.rollback()

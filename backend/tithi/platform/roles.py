# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The database roles: their bootstrap by a superuser, and the refusal to run as a role that row-level security misses.

Roles belong to the whole cluster, so no migration makes them. `roles.sql` beside this file can also be run by hand.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 - psycopg2 names its classes in lower case
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - psycopg2 names its classes in lower case
from psycopg2.extensions import encrypt_password

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor

OWNER = "tithi_owner"
MIGRATOR = "tithi_migrator"
APP = "tithi_app"
WORKER = "tithi_worker"
DIRECTORY = "tithi_directory"
BACKUP = "tithi_backup"
LOGIN_ROLES = (MIGRATOR, APP, WORKER, BACKUP)

# Major version: the first minor version without the holes of May 2026, as server_version_num.
MIN_SERVER_VERSIONS = {15: 150018, 16: 160014, 17: 170010, 18: 180004}
_ROLES_SQL = Path(__file__).with_name("roles.sql")
_BOOTSTRAP_LOCK = 0x7469746869  # "tithi"
_MAINTENANCE_DATABASE = "postgres"
_VERSION_NUMBERS_PER_MAJOR = 10000


class UnsafeDatabaseRoleError(Exception):
    """The connection could see or change rows of every tenant; the message says why."""


def bootstrap_cluster(superuser_dsn: str, passwords: Mapping[str, str] | None = None) -> None:
    """Make the roles, or bring existing ones back to their attributes.

    Args:
        superuser_dsn: libpq connection string of a superuser; the database in it does not matter.
        passwords: role name to password, for login roles only; a role left out keeps its password.

    Raises:
        ValueError: a password is given for a role that does not log in.
    """
    given = dict(passwords or {})
    unknown = sorted(set(given) - set(LOGIN_ROLES))
    if unknown:
        message = f"no login role of Tithi: {', '.join(unknown)}"
        raise ValueError(message)
    with _locked(superuser_dsn) as connection, connection.cursor() as cursor:
        cursor.execute(_ROLES_SQL.read_text(encoding="utf-8"))
        for role, password in given.items():
            _set_password(cursor, role, password)


def bootstrap_database(superuser_dsn: str, database: str, *, template: str | None = None) -> None:
    """Make the database if it is missing, hand it to `tithi_owner` and let the login roles connect.

    Args:
        superuser_dsn: libpq connection string of a superuser; the database in it does not matter.
        database: the name of the database.
        template: a database to copy when `database` is missing; nobody may be connected to it.
    """
    with _locked(superuser_dsn) as connection, connection.cursor() as cursor:
        cursor.execute("select 1 from pg_database where datname = %s", (database,))
        if cursor.fetchone() is None:
            cursor.execute(
                sql.SQL("create database {} owner {} template {}").format(
                    sql.Identifier(database), sql.Identifier(OWNER), sql.Identifier(template or "template1")
                )
            )
        _grant_database(cursor, database)
        with closing(_connect(superuser_dsn, database)) as inside, inside.cursor() as inside_cursor:
            _prepare_schema(inside_cursor)


def refuse_unsafe_role(dbapi_connection: "DBAPIConnection | Connection") -> None:
    """Check a fresh connection: its role and the server's version; ends the transaction it opens.

    Raises:
        UnsafeDatabaseRole: the role is a superuser, bypasses row-level security, may make roles, owns a table or is a
            member of such a role or of `tithi_owner`; or the server lacks the security fixes this code relies on.
    """
    cursor = dbapi_connection.cursor()
    try:
        _refuse_old_server(cursor)
        _refuse_powerful_role(cursor)
        _refuse_table_owner(cursor)
    finally:
        cursor.close()
        dbapi_connection.rollback()


@contextmanager
def _locked(superuser_dsn: str) -> Iterator[Connection]:
    # Advisory locks count per database: everyone meets in the same one.
    with closing(_connect(superuser_dsn, _MAINTENANCE_DATABASE)) as connection, connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", (_BOOTSTRAP_LOCK,))
        yield connection


def _connect(dsn: str, database: str) -> Connection:
    connection = psycopg2.connect(dsn.replace("postgresql+psycopg2://", "postgresql://", 1), dbname=database)
    connection.autocommit = True
    return connection


def _set_password(cursor: Cursor, role: str, password: str) -> None:
    # The server gets the verifier alone, so that no log of statements can hold the password.
    verifier = encrypt_password(password, role, scope=cursor.connection, algorithm="scram-sha-256")
    cursor.execute(
        sql.SQL("alter role {} with password {}").format(sql.Identifier(role), sql.Literal(verifier)),
    )


def _grant_database(cursor: Cursor, database: str) -> None:
    name = sql.Identifier(database)
    cursor.execute(sql.SQL("alter database {} owner to {}").format(name, sql.Identifier(OWNER)))
    cursor.execute(sql.SQL("revoke all on database {} from public").format(name))
    roles = sql.SQL(", ").join(map(sql.Identifier, LOGIN_ROLES))
    cursor.execute(sql.SQL("grant connect on database {} to {}").format(name, roles))


def _prepare_schema(cursor: Cursor) -> None:
    owner, directory = sql.Identifier(OWNER), sql.Identifier(DIRECTORY)
    readers = sql.SQL(", ").join(map(sql.Identifier, (APP, WORKER, DIRECTORY)))
    cursor.execute("create extension if not exists btree_gist with schema public")
    cursor.execute(sql.SQL("alter schema public owner to {}").format(owner))
    cursor.execute("revoke all on schema public from public")
    cursor.execute(sql.SQL("grant usage on schema public to {}").format(readers))
    # A function can only be handed to a role that may create in its schema.
    cursor.execute(sql.SQL("grant create on schema public to {}").format(directory))


def _refuse_old_server(cursor: "DBAPICursor | Cursor") -> None:
    cursor.execute("select current_setting('server_version_num')::int")
    version = int(_only_row(cursor)[0])
    major = version // _VERSION_NUMBERS_PER_MAJOR
    if major > max(MIN_SERVER_VERSIONS):
        return
    needed = MIN_SERVER_VERSIONS.get(major)
    if needed is None:
        message = f"PostgreSQL {major} is not supported: at least {min(MIN_SERVER_VERSIONS)} is needed"
        raise UnsafeDatabaseRoleError(message)
    if version < needed:
        message = (
            f"PostgreSQL {major}.{version % _VERSION_NUMBERS_PER_MAJOR} has known holes in row-level security:"
            f" at least {major}.{needed % _VERSION_NUMBERS_PER_MAJOR} is needed"
        )
        raise UnsafeDatabaseRoleError(message)


def _refuse_powerful_role(cursor: "DBAPICursor | Cursor") -> None:
    # The session's role counts too: RESET ROLE is open to whoever logged in.
    cursor.execute(
        """
        select me.name, target.rolname, target.rolsuper, target.rolbypassrls, target.rolcreaterole
        from unnest(array[current_user, session_user]) as me (name)
        join pg_roles as target on pg_has_role(me.name, target.oid, 'member')
        where target.rolsuper or target.rolbypassrls or target.rolcreaterole or target.rolname = %s
        order by target.rolname <> me.name, target.rolname
        limit 1
        """,
        (OWNER,),
    )
    row = cursor.fetchone()
    if row is None:
        return
    name, target, is_superuser, bypasses, makes_roles = row
    powers = {"is a superuser": is_superuser, "bypasses row-level security": bypasses, "may make roles": makes_roles}
    found = [power for power, held in powers.items() if held] or ["owns the schema"]
    through = "it" if name == target else f'it is a member of "{target}", which'
    message = f'role "{name}" is refused: {through} {found[0]}'
    raise UnsafeDatabaseRoleError(message)


def _refuse_table_owner(cursor: "DBAPICursor | Cursor") -> None:
    cursor.execute(
        """
        select me.name, relation.oid::regclass::text
        from unnest(array[current_user, session_user]) as me (name)
        join pg_class as relation on pg_has_role(me.name, relation.relowner, 'member')
        where relation.relkind in ('r', 'p', 'v', 'm', 'f')
        limit 1
        """
    )
    row = cursor.fetchone()
    if row is not None:
        message = f'role "{row[0]}" is refused: it owns the table {row[1]}'
        raise UnsafeDatabaseRoleError(message)


def _only_row(cursor: "DBAPICursor | Cursor") -> Sequence[Any]:
    row = cursor.fetchone()
    if row is None:
        message = "a query that always answers gave no row"
        raise RuntimeError(message)
    return row

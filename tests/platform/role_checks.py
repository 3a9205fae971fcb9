# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the tests of the database roles ask a server."""

from contextlib import closing

import psycopg2

from tithi.devstack.postgres import ThrowawayPostgres
from tithi.platform.roles import refuse_unsafe_role

DATABASE = "roles_test"


def run(cluster: ThrowawayPostgres, user: str, *statements: str) -> list[tuple[object, ...]]:
    """The rows of the last statement."""
    with closing(psycopg2.connect(cluster.dsn(user, DATABASE))) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
        connection.commit()
        return rows


def refuse(cluster: ThrowawayPostgres, user: str) -> None:
    with closing(psycopg2.connect(cluster.dsn(user, DATABASE))) as connection:
        refuse_unsafe_role(connection)


def attributes(cluster: ThrowawayPostgres) -> list[tuple[object, ...]]:
    return run(
        cluster,
        "postgres",
        "select rolname, rolcanlogin, rolinherit, rolbypassrls, rolsuper, rolcreaterole, rolcreatedb"
        " from pg_roles where rolname like 'tithi%' order by rolname",
    )

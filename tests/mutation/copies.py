# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Copies of a database that was built once: each mutant meets one that no other mutant has written to."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg2
from psycopg2 import sql

from tithi.platform import roles

BUILT = "TITHI_TEST_BUILT_DATABASE"
"""Names the address, for its superuser, of a database that the migrations have built."""


@dataclass(frozen=True, slots=True)
class CopiedDatabase:
    """A copy on the server of the database that was built; whoever asks for the built one gets the copy."""

    superuser_dsn: str
    built: str
    name: str

    def dsn(self, user: str, database: str) -> str:
        parts = urlsplit(self.superuser_dsn)
        name = self.name if database == self.built else database
        return parts._replace(netloc=f"{user}@", path=f"/{name}").geturl()


@contextmanager
def copy_of(built_dsn: str) -> Iterator[CopiedDatabase]:
    built = urlsplit(built_dsn).path.lstrip("/")
    superuser_dsn = urlsplit(built_dsn)._replace(path="/postgres").geturl()
    copied = CopiedDatabase(superuser_dsn, built, f"{built}_{os.getpid()}")
    roles.bootstrap_database(superuser_dsn, copied.name, template=built)
    try:
        yield copied
    finally:
        with closing(psycopg2.connect(superuser_dsn)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(copied.name)))

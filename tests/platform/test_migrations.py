# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The migrations make what the models say, and can be taken back."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import count

import psycopg2
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine

from tests.platform.isolation_checks import Dsn
from tests.platform.schema_catalogue import REST, TABLES, catalogue
from tests.stack import Stack, build_database
from tithi import wiring
from tithi.commands.migrate import configuration
from tithi.platform import tables
from tithi.platform.roles import bootstrap_database

WHOLE = TABLES | REST
METADATA = tables.event_outbox.metadata
_numbers = count(1)


@pytest.fixture
def scratch(stack: Stack) -> Iterator[Dsn]:
    """A database that the migrations have just built."""
    name = f"migrations_{next(_numbers)}"
    build_database(stack.postgres, name)
    yield partial(_dsn, stack, name)
    _drop(stack, name)


@pytest.fixture
def bare(stack: Stack) -> Iterator[Dsn]:
    """A database with roles and extensions, and nothing else."""
    name = f"migrations_{next(_numbers)}"
    bootstrap_database(stack.postgres.superuser_dsn, name)
    yield partial(_dsn, stack, name)
    _drop(stack, name)


def _dsn(stack: Stack, database: str, role: str) -> str:
    return stack.postgres.dsn(role, database)


def _drop(stack: Stack, name: str) -> None:
    with closing(psycopg2.connect(stack.postgres.superuser_dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")


def _alchemy(dsn: str) -> str:
    return dsn.replace("postgresql://", "postgresql+psycopg2://", 1)


def test_the_models_are_what_the_migrations_made(scratch: Dsn) -> None:
    wiring.load("models")
    engine = create_engine(_alchemy(scratch("postgres")), poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, METADATA) == []


def test_tables_made_from_the_models_have_the_same_columns_constraints_and_indexes(scratch: Dsn, bare: Dsn) -> None:
    wiring.load("models")
    engine = create_engine(_alchemy(bare("postgres")), poolclass=NullPool)
    METADATA.create_all(engine)
    migrated, modelled = (set(catalogue(dsn("postgres"), TABLES)) for dsn in (scratch, bare))
    assert (sorted(migrated - modelled), sorted(modelled - migrated)) == ([], [])


def test_down_to_the_beginning_leaves_nothing_and_up_again_makes_the_same(scratch: Dsn, bare: Dsn) -> None:
    config = configuration(scratch("tithi_migrator"))
    before, empty = (catalogue(dsn("postgres"), WHOLE) for dsn in (scratch, bare))
    command.downgrade(config, "base")
    assert catalogue(scratch("postgres"), WHOLE) == empty
    command.upgrade(config, "head")
    assert catalogue(scratch("postgres"), WHOLE) == before
    assert len(before) > len(empty) + 1000


def test_each_revision_can_be_taken_back_and_made_again(bare: Dsn) -> None:
    config = configuration(bare("tithi_migrator"))
    revisions = [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()][::-1]
    seen = [catalogue(bare("postgres"), WHOLE)]
    for revision in revisions:
        command.upgrade(config, revision)
        seen.append(catalogue(bare("postgres"), WHOLE))
        command.downgrade(config, "-1")
        assert _but_for_checks(catalogue(bare("postgres"), WHOLE)) == _but_for_checks(seen[-2]), f"down from {revision}"
        command.upgrade(config, revision)
        assert catalogue(bare("postgres"), WHOLE) == seen[-1], f"up to {revision} again"
    assert len(seen) == len(revisions) + 1


def _but_for_checks(lines: list[str]) -> list[str]:
    """A constraint that has been validated stays so."""
    return sorted(line.removesuffix(" NOT VALID") for line in lines if not line.startswith("not validated"))


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE claims ALTER COLUMN lane TYPE bigint",
        "ALTER TABLE claims ALTER COLUMN active SET DEFAULT false",
        "ALTER TABLE claims ALTER COLUMN kind DROP NOT NULL",
        "ALTER TABLE claims DROP CONSTRAINT ck_claims_lane",
        "ALTER TABLE claims DROP CONSTRAINT claims_no_overlap",
        "DROP INDEX ix_claims_live; CREATE INDEX ix_claims_live ON claims (tenant_id, resource_id, starts_at)",
    ],
)
def test_a_difference_shows(scratch: Dsn, change: str) -> None:
    before = catalogue(scratch("postgres"), TABLES)
    with closing(psycopg2.connect(scratch("postgres"))) as connection, connection.cursor() as cursor:
        cursor.execute(change)
        connection.commit()
    assert catalogue(scratch("postgres"), TABLES) != before


def test_nothing_is_left_unchecked(stack: Stack) -> None:
    found = catalogue(stack.dsn("postgres"), {kind: REST[kind] for kind in ("not validated", "not valid")})
    assert found == []

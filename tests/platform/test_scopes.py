# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Whose rows a transaction sees, over a pool of one connection, where anything carried over would show."""

import re
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from io import StringIO
from pathlib import Path
from uuid import UUID

import psycopg2
import pytest
from flask import Flask
from psycopg2 import errors
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from tests.factories.businesses import Salon
from tests.stack import Stack
from tithi.app import create_app
from tithi.customers.models import Customer
from tithi.platform.db import TransactionOpenError, db, session, transaction
from tithi.platform.tenancy import NoScopeError, ScopeSwitchError, scope_without_tenant, tenant_scope

BACKEND = Path(__file__).parents[2] / "backend" / "tithi"
SESSION_SETTING = re.compile(r"\bSET\s+(SESSION\s+)?app\.|set_config\([^()]*,\s*false\s*\)", re.IGNORECASE)
PAST_THE_SESSION = re.compile(r"\bengine\.(connect|begin|raw_connection)\(|AUTOCOMMIT")
WHOSE = text("SELECT pg_backend_pid(), (SELECT array_agg(DISTINCT tenant_id) FROM customers)")


@pytest.fixture(scope="module")
def narrow_app(stack: Stack, app: Flask) -> Iterator[Flask]:  # noqa: ARG001 - the web application is assembled first
    """An application of the web role with a single connection."""
    settings = replace(stack.settings, database_pool_size=1, worker_database_url=stack.settings.database_url)
    made = create_app(settings, role="worker")
    with made.app_context():
        yield made
        db.engine.dispose()


@pytest.fixture
def two_tenants(narrow_app: Flask, salon: Salon, other_salon: Salon) -> tuple[UUID, UUID]:  # noqa: ARG001 - in its context
    for one in (salon, other_salon):
        one.booked()
    return salon.tenant_id, other_salon.tenant_id


@pytest.mark.parametrize("times", [1000, pytest.param(10_000, marks=pytest.mark.long)])
def test_two_tenants_in_turn_on_one_connection_see_their_own_rows_alone(
    narrow_app: Flask, two_tenants: tuple[UUID, UUID], times: int
) -> None:
    backends, seen = set(), set()
    with narrow_app.app_context():
        for turn in range(times):
            tenant_id = two_tenants[turn % 2]
            with tenant_scope(tenant_id), transaction() as current:
                pid, whose = current.execute(WHOSE).one()
            backends.add(pid)
            seen.add((tenant_id, tuple(whose)))
    assert len(backends) == 1
    assert seen == {(one, (one,)) for one in two_tenants}


def test_nothing_of_a_tenant_stays_on_its_connection(narrow_app: Flask, two_tenants: tuple[UUID, UUID]) -> None:
    with narrow_app.app_context():
        with tenant_scope(two_tenants[0]), transaction() as current:
            pid, whose = current.execute(WHOSE).one()
            assert whose == [two_tenants[0]]
        with scope_without_tenant(), transaction() as current:
            assert current.execute(WHOSE).one() == (pid, None)
            assert current.execute(text("SELECT current_setting('app.tenant_id', true)")).scalar() == ""


def test_a_connection_that_was_taken_and_not_used_carries_no_tenant(
    narrow_app: Flask, two_tenants: tuple[UUID, UUID]
) -> None:
    with narrow_app.app_context():
        with tenant_scope(two_tenants[0]), transaction() as current:
            current.connection()
        with scope_without_tenant(), transaction() as current:
            assert current.execute(WHOSE).one()[1] is None
        with suppress(LookupError), tenant_scope(two_tenants[0]), transaction() as current:
            current.connection()
            raise LookupError
        with tenant_scope(two_tenants[1]), transaction() as current:
            assert current.execute(WHOSE).one()[1] == [two_tenants[1]]


def test_a_transaction_that_failed_leaves_nothing_to_the_next(
    narrow_app: Flask, two_tenants: tuple[UUID, UUID]
) -> None:
    with narrow_app.app_context():
        with pytest.raises(ProgrammingError), tenant_scope(two_tenants[0]), transaction() as current:
            current.execute(text("SELECT no_such_column FROM customers"))
        with tenant_scope(two_tenants[1]), transaction() as current:
            assert current.execute(WHOSE).one()[1] == [two_tenants[1]]


def test_the_tenant_of_an_ended_transaction_reads_as_none(stack: Stack, salon: Salon) -> None:
    with closing(psycopg2.connect(stack.dsn("tithi_app"))) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant_id', %s, true)", (str(salon.tenant_id),))
        connection.commit()
        cursor.execute("SELECT current_setting('app.tenant_id', true), current_tenant_id()")
        assert cursor.fetchone() == ("", None)
        cursor.execute("SELECT count(*) FROM team_members")
        assert cursor.fetchone() == (0,)


def test_no_code_sets_a_tenant_for_a_whole_session_or_goes_past_the_hook() -> None:
    found = [
        f"{path.relative_to(BACKEND)}: {match.group()}"
        for path in sorted(BACKEND.rglob("*.py"))
        for pattern in (SESSION_SETTING, PAST_THE_SESSION)
        for match in pattern.finditer(path.read_text())
    ]
    assert found == []


def test_a_transaction_without_a_scope_is_refused(app: Flask) -> None:
    with app.app_context(), pytest.raises(NoScopeError), transaction() as current:
        current.execute(text("SELECT 1"))


def test_a_query_outside_a_transaction_and_a_scope_is_refused(app: Flask) -> None:
    with app.app_context(), pytest.raises(NoScopeError):
        session().scalars(select(Customer)).all()


def test_the_tenant_does_not_change_inside_a_transaction(app: Flask, salon: Salon, other_salon: Salon) -> None:
    with app.app_context(), tenant_scope(salon.tenant_id), transaction() as current:
        current.execute(text("SELECT 1"))
        with pytest.raises(ScopeSwitchError), tenant_scope(other_salon.tenant_id):
            pass
        with pytest.raises(ScopeSwitchError), scope_without_tenant():
            pass
        assert current.execute(text("SELECT current_tenant_id()")).scalar() == salon.tenant_id


def test_a_transaction_inside_a_transaction_is_refused(app: Flask, salon: Salon) -> None:
    with app.app_context(), tenant_scope(salon.tenant_id), transaction() as current:
        current.execute(text("SELECT 1"))
        with pytest.raises(TransactionOpenError), transaction():
            pass


def test_savepoints_keep_the_tenant_whether_they_are_kept_or_undone(app: Flask, salon: Salon) -> None:
    whose = text("SELECT current_tenant_id()")
    with app.app_context(), tenant_scope(salon.tenant_id), transaction() as current:
        with current.begin_nested():
            assert current.execute(whose).scalar() == salon.tenant_id
        assert current.execute(whose).scalar() == salon.tenant_id
        undone = current.begin_nested()
        assert current.execute(whose).scalar() == salon.tenant_id
        undone.rollback()
        assert current.execute(whose).scalar() == salon.tenant_id


def test_an_object_of_one_tenant_is_unknown_in_the_scope_of_another(
    app: Flask, salon: Salon, other_salon: Salon
) -> None:
    salon.booked()
    with app.app_context():
        with tenant_scope(salon.tenant_id), transaction() as current:
            customer = current.scalars(select(Customer)).first()
        assert customer is not None
        with tenant_scope(other_salon.tenant_id), transaction() as current:
            assert current.get(Customer, (salon.tenant_id, customer.id)) is None


def test_bulk_copies_neither_read_nor_write_past_the_policies(stack: Stack, salon: Salon) -> None:
    salon.booked()
    with closing(psycopg2.connect(stack.dsn("tithi_app"))) as connection, connection.cursor() as cursor:
        read = StringIO()
        cursor.copy_expert("COPY customers TO STDOUT", read)
        assert read.getvalue() == ""
        with pytest.raises(errors.FeatureNotSupported):
            cursor.copy_expert("COPY customers (tenant_id, id) FROM STDIN", StringIO(""))


def test_a_query_that_relied_on_silent_filtering_is_an_error_with_row_security_off(stack: Stack, salon: Salon) -> None:
    salon.booked()
    with closing(psycopg2.connect(stack.dsn("tithi_app"))) as connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL row_security = off")
        with pytest.raises(errors.InsufficientPrivilege):
            cursor.execute("SELECT count(*) FROM customers")

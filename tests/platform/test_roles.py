# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The database roles: what their bootstrap gives and withholds, and which roles the processes refuse to run as."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege

from tests.platform.role_checks import DATABASE, attributes, refuse, run
from tithi.devstack.postgres import ThrowawayPostgres
from tithi.platform import roles
from tithi.platform.roles import UnsafeDatabaseRoleError, bootstrap_cluster, bootstrap_database, refuse_unsafe_role


@pytest.fixture(scope="module")
def cluster() -> Iterator[ThrowawayPostgres]:
    with ThrowawayPostgres() as postgres:
        bootstrap_cluster(postgres.superuser_dsn)
        bootstrap_database(postgres.superuser_dsn, DATABASE)
        run(postgres, "postgres", "create role stray_superuser login superuser", "create role stray login")
        yield postgres


@pytest.fixture
def app_attributes_restored(cluster: ThrowawayPostgres) -> Iterator[None]:
    yield
    run(cluster, "postgres", "reassign owned by tithi_app to tithi_owner", "revoke tithi_owner from tithi_app")
    bootstrap_cluster(cluster.superuser_dsn)


def test_bootstrap_makes_every_role_with_its_attributes_and_no_more(cluster: ThrowawayPostgres) -> None:
    assert attributes(cluster) == [
        ("tithi_app", True, False, False, False, False, False),
        ("tithi_backup", True, True, True, False, False, False),
        ("tithi_directory", False, False, False, False, False, False),
        ("tithi_migrator", True, False, False, False, False, False),
        ("tithi_owner", False, True, False, False, False, False),
        ("tithi_worker", True, False, False, False, False, False),
    ]


def test_bootstrap_again_and_from_several_places_at_once_changes_nothing(cluster: ThrowawayPostgres) -> None:
    before = attributes(cluster)

    def again(_: int) -> None:
        bootstrap_cluster(cluster.superuser_dsn)
        bootstrap_database(cluster.superuser_dsn, DATABASE)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(again, range(4)))

    assert attributes(cluster) == before


@pytest.mark.usefixtures("app_attributes_restored")
def test_bootstrap_takes_back_an_attribute_that_a_role_should_not_have(cluster: ThrowawayPostgres) -> None:
    before = attributes(cluster)
    run(cluster, "postgres", "alter role tithi_app bypassrls createrole")

    bootstrap_cluster(cluster.superuser_dsn)

    assert attributes(cluster) == before


def test_bootstrap_sets_passwords_as_verifiers(cluster: ThrowawayPostgres) -> None:
    bootstrap_cluster(cluster.superuser_dsn, {roles.APP: "pass'word %s"})

    rows = run(cluster, "postgres", "select rolpassword from pg_authid where rolname = 'tithi_app'")

    assert str(rows[0][0]).startswith("SCRAM-SHA-256$")


def test_bootstrap_refuses_a_password_for_a_role_that_does_not_log_in(cluster: ThrowawayPostgres) -> None:
    with pytest.raises(ValueError, match="tithi_owner"):
        bootstrap_cluster(cluster.superuser_dsn, {roles.OWNER: "secret"})


def test_migrator_owns_nothing_by_itself_and_everything_after_set_role(cluster: ThrowawayPostgres) -> None:
    with pytest.raises(InsufficientPrivilege):
        run(cluster, roles.MIGRATOR, "create table public.refused (id int)")

    run(cluster, roles.MIGRATOR, "set role tithi_owner", "create table made (id int)")

    owner = run(cluster, "postgres", "select tableowner from pg_tables where tablename = 'made'")
    assert owner == [("tithi_owner",)]


def test_owner_hands_a_function_to_the_directory_and_still_manages_it(cluster: ThrowawayPostgres) -> None:
    run(
        cluster,
        roles.MIGRATOR,
        "set role tithi_owner",
        "create function look_up() returns text language sql security definer as $$ select current_user::text $$",
        "alter function look_up() owner to tithi_directory",
        "revoke execute on function look_up() from public",
        "grant execute on function look_up() to tithi_app",
    )

    assert run(cluster, roles.APP, "select look_up()") == [("tithi_directory",)]
    with pytest.raises(InsufficientPrivilege):
        run(cluster, roles.WORKER, "select look_up()")
    run(cluster, roles.MIGRATOR, "set role tithi_owner", "drop function look_up()")


@pytest.mark.parametrize("role", [roles.APP, roles.WORKER])
@pytest.mark.parametrize(
    "statement",
    [
        "create table mine (id int)",
        "create temporary table mine (id int)",
        "create schema mine",
        "create function mine() returns int language sql as 'select 1'",
        "set role tithi_owner",
        "set role tithi_directory",
        "set role tithi_backup",
        "create role mine",
    ],
)
def test_processes_may_make_nothing_and_become_nobody(cluster: ThrowawayPostgres, role: str, statement: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        run(cluster, role, statement)


def test_a_role_that_is_not_of_tithi_may_not_connect(cluster: ThrowawayPostgres) -> None:
    with pytest.raises(psycopg2.OperationalError, match="CONNECT"):
        run(cluster, "stray", "select 1")


def test_backup_reads_rows_of_every_tenant_and_writes_none(cluster: ThrowawayPostgres) -> None:
    run(
        cluster,
        roles.MIGRATOR,
        "set role tithi_owner",
        "create table kept (tenant_id int)",
        "insert into kept values (1), (2)",
        "alter table kept enable row level security",
        "alter table kept force row level security",
    )

    assert run(cluster, roles.BACKUP, "select count(*) from kept") == [(2,)]
    with pytest.raises(InsufficientPrivilege):
        run(cluster, roles.BACKUP, "delete from kept")


def test_exclusion_over_an_id_and_a_time_range_is_possible(cluster: ThrowawayPostgres) -> None:
    run(
        cluster,
        roles.MIGRATOR,
        "set role tithi_owner",
        "create table claim (id uuid, during tstzrange, exclude using gist (id with =, during with &&))",
    )

    rows = run(cluster, "postgres", "select count(*) from pg_constraint where contype = 'x'")

    assert rows == [(1,)]


def test_a_database_can_be_copied_from_a_template(cluster: ThrowawayPostgres) -> None:
    bootstrap_database(cluster.superuser_dsn, "roles_template")
    bootstrap_database(cluster.superuser_dsn, "roles_copy", template="roles_template")

    with closing(psycopg2.connect(cluster.dsn(roles.APP, "roles_copy"))) as connection:
        refuse_unsafe_role(connection)
        assert connection.info.dbname == "roles_copy"


@pytest.mark.parametrize("role", [roles.APP, roles.WORKER])
def test_the_roles_of_the_processes_are_accepted(cluster: ThrowawayPostgres, role: str) -> None:
    with closing(psycopg2.connect(cluster.dsn(role, DATABASE))) as connection:
        refuse_unsafe_role(connection)

        assert connection.info.transaction_status == psycopg2.extensions.TRANSACTION_STATUS_IDLE


@pytest.mark.parametrize(
    ("role", "reason"),
    [
        ("stray_superuser", "is a superuser"),
        (roles.BACKUP, "bypasses row-level security"),
        (roles.MIGRATOR, "owns the schema"),
    ],
)
def test_a_role_that_sees_every_tenant_is_refused(cluster: ThrowawayPostgres, role: str, reason: str) -> None:
    with pytest.raises(UnsafeDatabaseRoleError, match=reason):
        refuse(cluster, role)


@pytest.mark.usefixtures("app_attributes_restored")
@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        (["alter role tithi_app superuser"], "is a superuser"),
        (["alter role tithi_app bypassrls"], "bypasses row-level security"),
        (["alter role tithi_app createrole"], "may make roles"),
        (["grant tithi_owner to tithi_app"], "owns the schema"),
        (["create table taken (id int)", "alter table taken owner to tithi_app"], "owns the table taken"),
    ],
)
def test_the_role_of_the_processes_is_refused_once_it_has_too_much(
    cluster: ThrowawayPostgres, statements: list[str], reason: str
) -> None:
    run(cluster, "postgres", "drop table if exists taken", *statements)

    with pytest.raises(UnsafeDatabaseRoleError, match=reason):
        refuse(cluster, roles.APP)


def test_stepping_down_from_a_superuser_is_refused_because_it_can_be_undone(cluster: ThrowawayPostgres) -> None:
    with closing(psycopg2.connect(cluster.superuser_dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("set role tithi_app")
        connection.commit()

        with pytest.raises(UnsafeDatabaseRoleError, match='"postgres" is refused'):
            refuse_unsafe_role(connection)


def test_a_server_without_the_security_fixes_is_refused(
    cluster: ThrowawayPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(psycopg2.connect(cluster.superuser_dsn)) as connection:
        major = connection.info.server_version // 10000
    monkeypatch.setattr(roles, "MIN_SERVER_VERSIONS", {major: major * 10000 + 9999})

    with pytest.raises(UnsafeDatabaseRoleError, match=rf"at least {major}\.9999 is needed"):
        refuse(cluster, roles.APP)


def test_a_server_of_an_older_major_version_is_refused(
    cluster: ThrowawayPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roles, "MIN_SERVER_VERSIONS", {98: 980000, 99: 990000})

    with pytest.raises(UnsafeDatabaseRoleError, match="is not supported: at least 98 is needed"):
        refuse(cluster, roles.APP)

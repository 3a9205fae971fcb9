# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The embedded servers: data kept over kills, nothing left of throw-away ones."""

import os
import secrets
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tithi.devstack import postgres, system_user, valkey
from tithi.devstack.errors import ServerError
from tithi.devstack.ports import free_port
from tithi.devstack.postgres import PostgresServer, ThrowawayPostgres
from tithi.devstack.valkey import ThrowawayValkey, ValkeyServer


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that the user of Postgres can reach; pytest's own belong to us alone."""
    directory = system_user.temporary_directory("tithi-test-", system_user.needed_user())
    yield directory
    system_user.remove(directory)


@pytest.fixture
def server(place: Path) -> PostgresServer:
    return postgres.prepare(place, port=free_port(), log=place / "log", is_throwaway=True)


@pytest.fixture
def valkey_server(tmp_path: Path) -> ValkeyServer:
    return ValkeyServer(
        directory=tmp_path,
        port=free_port(),
        password=secrets.token_hex(8),
        log=tmp_path / "log",
        is_throwaway=False,
        pid_file=None,
    )


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    """What a test starts, ended when it is over."""
    running: list[subprocess.Popen[bytes]] = []
    yield running
    for process in running:
        process.kill()
        process.wait()


def test_postgres_recovers_after_a_kill_and_keeps_its_data(place: Path, started: list[subprocess.Popen[bytes]]) -> None:
    server = postgres.prepare(place, port=free_port(), log=place / "log")
    first = postgres.start(server)
    started.append(first)
    with closing(psycopg2.connect(server.superuser_dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("create table kept as select 42 as answer")
        connection.commit()
    first.kill()
    first.wait()
    assert (server.cluster / "postmaster.pid").exists()

    postgres.end_leftover(server.cluster)
    started.append(postgres.start(server))

    with closing(psycopg2.connect(server.superuser_dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("select answer from kept")
        assert cursor.fetchone() == (42,)


def test_postgres_ignores_a_stale_pid_file_whose_number_belongs_to_somebody_else(
    server: PostgresServer, started: list[subprocess.Popen[bytes]]
) -> None:
    (server.cluster / "postmaster.pid").write_text(f"{os.getpid()}\n{server.cluster}\n", encoding="utf-8")

    postgres.end_leftover(server.cluster)
    started.append(postgres.start(server))

    assert started[0].poll() is None


def test_a_postgres_that_still_runs_on_the_data_is_ended_before_a_new_start(
    server: PostgresServer, started: list[subprocess.Popen[bytes]]
) -> None:
    started.append(postgres.start(server))

    postgres.end_leftover(server.cluster)

    assert started[0].wait(10) == 0
    assert not (server.cluster / "postmaster.pid").exists()


def test_an_interrupted_creation_of_the_data_directory_is_made_anew(place: Path) -> None:
    (place / "unfinished").mkdir()
    (place / "unfinished" / "PG_VERSION").write_text("18\n", encoding="utf-8")

    server = postgres.prepare(place, port=free_port(), log=place / "log", is_throwaway=True)

    assert (server.cluster / "global" / "pg_control").exists()
    assert not (place / "unfinished").exists()


def test_data_of_another_major_version_are_refused(server: PostgresServer, place: Path) -> None:
    (server.cluster / "PG_VERSION").write_text("12\n", encoding="utf-8")

    with pytest.raises(ServerError, match="were made by PostgreSQL 12"):
        postgres.prepare(place, port=server.port, log=server.log, is_throwaway=True)


def test_a_postgres_that_cannot_start_says_why(server: PostgresServer) -> None:
    (server.cluster / "pg_hba.conf").write_text("nonsense\n", encoding="utf-8")

    with pytest.raises(ServerError, match=r"pg_hba\.conf"):
        postgres.start(server)


def test_nothing_of_a_throw_away_postgres_is_left() -> None:
    with ThrowawayPostgres() as server:
        cluster, dsn = server.server.cluster, server.superuser_dsn
        with closing(psycopg2.connect(server.dsn("postgres", "postgres"))) as connection:
            assert connection.info.dbname == "postgres"

    assert not cluster.parent.exists()
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(dsn)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to step down")
def test_a_data_directory_below_a_closed_one_is_placed_elsewhere_and_linked(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    link = closed / "postgres"
    user = system_user.needed_user()

    place = system_user.own_directory(link, user)

    assert link.is_symlink()
    assert system_user.own_directory(link, user) == place
    assert system_user.can_enter(user, place)
    system_user.remove(link)
    assert not place.exists()


def test_valkey_keeps_its_data_over_a_kill(valkey_server: ValkeyServer, started: list[subprocess.Popen[bytes]]) -> None:
    first = valkey.start(valkey_server)
    started.append(first)
    with closing(redis.Redis.from_url(valkey_server.url)) as client:
        client.set("answer", "42")
    first.send_signal(signal.SIGKILL)
    first.wait()

    started.append(valkey.start(valkey_server))

    with closing(redis.Redis.from_url(valkey_server.url)) as client:
        assert client.get("answer") == b"42"


def test_valkey_of_the_stack_asks_for_its_password(
    valkey_server: ValkeyServer, started: list[subprocess.Popen[bytes]]
) -> None:
    started.append(valkey.start(valkey_server))

    with (
        closing(redis.Redis(host="127.0.0.1", port=valkey_server.port, retry=Retry(NoBackoff(), 0))) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()

    assert stat.filemode(valkey_server.configuration.stat().st_mode) == "-rw-------"


def test_a_throw_away_valkey_answers() -> None:
    with ThrowawayValkey() as server, closing(redis.Redis.from_url(server.url)) as client:
        assert client.ping()

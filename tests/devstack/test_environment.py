# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Secrets that outlive a restart, and the environment that the children get."""

import json
import stat
from pathlib import Path

import pytest
from environs import Env

from tithi.devstack.environment import Stack, child_environment, load_secrets, read_stack
from tithi.devstack.errors import StackConfigurationError
from tithi.integrations.stripe.sandbox.server import serve_in_thread
from tithi.platform.settings import load_settings

OWN_DATABASE = {
    "TITHI_DATABASE_URL": "postgresql+psycopg2://app@db/tithi",
    "TITHI_WORKER_DATABASE_URL": "postgresql+psycopg2://worker@db/tithi",
    "TITHI_MIGRATOR_DATABASE_URL": "postgresql+psycopg2://migrator@db/tithi",
}


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return read_stack({"TITHI_STATE_DIR": str(tmp_path), "PATH": "/usr/bin"})


def test_secrets_stay_the_same_over_a_restart(tmp_path: Path) -> None:
    assert load_secrets(tmp_path) == load_secrets(tmp_path)


def test_secrets_differ_between_two_checkouts(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()

    assert load_secrets(first).secret_key != load_secrets(second).secret_key


def test_secrets_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    load_secrets(tmp_path)

    assert stat.filemode((tmp_path / "secrets.json").stat().st_mode) == "-rw-------"
    assert [file.name for file in tmp_path.iterdir()] == ["secrets.json"]


def test_a_secret_that_a_newer_release_adds_is_made_and_the_others_are_kept(tmp_path: Path) -> None:
    before = load_secrets(tmp_path)
    file = tmp_path / "secrets.json"
    kept = json.loads(file.read_text(encoding="utf-8"))
    del kept["valkey_password"]
    file.write_text(json.dumps(kept), encoding="utf-8")

    after = load_secrets(tmp_path)

    assert after.secret_key == before.secret_key
    assert after.valkey_password not in {"", before.valkey_password}
    assert load_secrets(tmp_path) == after


def test_the_key_for_browsers_is_the_one_that_the_payment_sandbox_takes(tmp_path: Path) -> None:
    known = load_secrets(tmp_path)
    environment = child_environment(read_stack({"TITHI_STATE_DIR": str(tmp_path)}), known)
    sandbox = serve_in_thread(secret_key=known.stripe_secret_key)
    try:
        assert environment["TITHI_STRIPE_PUBLISHABLE_KEY"] == sandbox.publishable_key
    finally:
        sandbox.stop()


def test_a_damaged_file_of_secrets_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{", encoding="utf-8")

    with pytest.raises(StackConfigurationError, match=r"secrets\.json is damaged: run `make reset`"):
        load_secrets(tmp_path)


def test_the_environment_of_the_children_makes_valid_settings(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Env().dump():
        monkeypatch.delenv(name)
    for name, value in child_environment(stack, load_secrets(stack.state)).items():
        monkeypatch.setenv(name, value)

    settings = load_settings()

    assert settings.environment == "development"
    assert settings.database_url.startswith("postgresql+psycopg2://tithi_app:")
    assert settings.worker_database_url.startswith("postgresql+psycopg2://tithi_worker:")
    assert settings.port == stack.ports.web


def test_what_the_caller_sets_wins_and_an_empty_value_does_not(tmp_path: Path) -> None:
    stack = read_stack({"TITHI_STATE_DIR": str(tmp_path), "TITHI_EMAIL_FROM": "a@b.example", "TITHI_SECRET_KEY": ""})

    environment = child_environment(stack, load_secrets(tmp_path))

    assert environment["TITHI_EMAIL_FROM"] == "a@b.example"
    assert environment["TITHI_SECRET_KEY"] == load_secrets(tmp_path).secret_key


def test_a_database_and_a_valkey_of_your_own_replace_the_embedded_ones(tmp_path: Path) -> None:
    stack = read_stack({"TITHI_STATE_DIR": str(tmp_path), "TITHI_REDIS_URL": "redis://cache/0", **OWN_DATABASE})

    environment = child_environment(stack, load_secrets(tmp_path))

    assert not stack.has_embedded_postgres
    assert not stack.has_embedded_valkey
    assert environment["TITHI_REDIS_URL"] == "redis://cache/0"
    assert {name: environment[name] for name in OWN_DATABASE} == OWN_DATABASE


def test_half_of_a_database_of_your_own_is_refused_with_what_is_missing() -> None:
    given = {"TITHI_DATABASE_URL": OWN_DATABASE["TITHI_DATABASE_URL"]}

    with pytest.raises(StackConfigurationError, match="TITHI_WORKER_DATABASE_URL, TITHI_MIGRATOR_DATABASE_URL"):
        read_stack(given)


def test_a_stripe_account_of_your_own_switches_the_sandbox_off(tmp_path: Path) -> None:
    stack = read_stack({"TITHI_STATE_DIR": str(tmp_path), "TITHI_STRIPE_SECRET_KEY": "sk_test_mine"})

    environment = child_environment(stack, load_secrets(tmp_path))

    assert not stack.has_stripe_sandbox
    assert "TITHI_STRIPE_API_BASE" not in environment

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The examples of settings name what the code reads, and lead to settings that start."""

import os
import re
from pathlib import Path

import pytest

from tithi.platform import settings
from tithi.platform.settings import load_settings

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = (REPOSITORY / ".env.example").read_text(encoding="utf-8")
COMPOSE = (REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8")
CONNECTIONS = ("DATABASE_URL", "WORKER_DATABASE_URL", "MIGRATOR_DATABASE_URL", "REDIS_URL")
SANDBOX = {"TITHI_STRIPE_API_BASE", "TITHI_MESSAGE_SANDBOX_URL"}
ANSWERS = {
    "TITHI_EMAIL_FROM": "bookings@tithi.example",
    "TITHI_SECRET_KEY": "0" * 48,
    "TITHI_BASE_DOMAIN": "tithi.example",
}


@pytest.fixture
def read_by_the_code() -> set[str]:
    source = Path(settings.__file__).read_text(encoding="utf-8")
    return {f"TITHI_{name}" for name in re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source)}


@pytest.fixture
def interpolated_by_compose() -> set[str]:
    return set(re.findall(r"\$\{(TITHI_[A-Z_]+)", COMPOSE))


def test_the_example_names_every_setting_and_nothing_else(
    read_by_the_code: set[str], interpolated_by_compose: set[str]
) -> None:
    named = set(re.findall(r"^#? ?(TITHI_[A-Z_]+)=", EXAMPLE, flags=re.MULTILINE))

    assert named == read_by_the_code | interpolated_by_compose


def test_compose_hands_over_every_setting_but_those_of_sandboxes_and_migrations(read_by_the_code: set[str]) -> None:
    block = COMPOSE.partition("x-settings: &settings\n")[2].partition("\n\n")[0]
    handed_over = set(re.findall(r"^  (TITHI_[A-Z_]+):", block, flags=re.MULTILINE))

    assert read_by_the_code - handed_over == {*SANDBOX, "TITHI_MIGRATOR_DATABASE_URL", "TITHI_PUBLIC_SCHEME"}
    assert handed_over <= read_by_the_code


def test_only_the_preparing_services_get_the_passwords_of_stronger_roles() -> None:
    services = re.split(r"^  (?=[a-z]+:$)", COMPOSE.partition("\nservices:\n")[2], flags=re.MULTILINE)
    names = {service.partition(":")[0] for service in services if re.search("SUPERUSER|MIGRATOR|BACKUP", service)}

    assert names == {"postgres", "roles", "migrate"}


def test_the_example_once_filled_in_starts_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("TITHI_")]:
        monkeypatch.delenv(name)
    for name, value in re.findall(r"^(TITHI_[A-Z_]+)=(.*)$", EXAMPLE, flags=re.MULTILINE):
        monkeypatch.setenv(name, value or ANSWERS.get(name, "filled-in"))
    for name in CONNECTIONS:
        monkeypatch.setenv(f"TITHI_{name}", "postgresql+psycopg2://role:password@postgres/tithi")

    assert load_settings().is_production

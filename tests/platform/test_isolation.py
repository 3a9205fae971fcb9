# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from functools import partial
from typing import Any

import pytest
from flask import Flask

from tests.factories.businesses import open_salon
from tests.factories.records import make_records, register
from tests.factories.worker import work
from tests.platform import isolation_checks
from tests.platform.catalogue_checks import CHECKS, Check
from tests.platform.isolation_checks import ROLES, VERBS, Subject, Verb
from tests.stack import Stack


@pytest.fixture(scope="module")
def subjects(app: Flask, stack: Stack, worker_app: Flask) -> list[Subject]:
    """Every table with a row of each of two businesses, or of two people."""
    owners: list[dict[str, Any]] = []
    for day in (9, 12):
        salon = open_salon(app)
        make_records(salon, partial(work, worker_app), day=day)
        owners.append({"app.tenant_id": str(salon.tenant_id), "app.user_id": register(salon)})
    return isolation_checks.subjects(stack.dsn, mine=owners[0], theirs=owners[1])


def test_every_table_of_tenants_and_users_has_rows_to_try_with(stack: Stack, subjects: list[Subject]) -> None:
    with isolation_checks.connected(stack.dsn("postgres")) as cursor:
        tables = set(isolation_checks.base_tables(cursor))
    assert tables - isolation_checks.PLATFORM_TABLES == {subject.table for subject in subjects}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("verb", VERBS)
def test_a_role_reaches_the_rows_of_its_own_tenant_alone(
    stack: Stack, subjects: list[Subject], role: str, verb: Verb
) -> None:
    assert isolation_checks.leaks(stack.dsn, role, verb, subjects) == []


def test_no_row_can_point_at_another_tenants_row(stack: Stack, subjects: list[Subject]) -> None:
    assert isolation_checks.crossing_keys(stack.dsn, subjects) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_catalogue_holds_the_rule(stack: Stack, check: Check) -> None:
    assert check(stack.dsn) == []

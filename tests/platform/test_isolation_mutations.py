# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The checks of isolation themselves: each hole, made on purpose in a copy of the database, is found."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain, count
from typing import Any

import psycopg2
import pytest

from tests.platform import isolation_checks
from tests.platform.catalogue_checks import CHECKS
from tests.platform.isolation_checks import ROLES, VERBS, Dsn
from tests.stack import Stack, build_database
from tithi.platform.ids import new_id
from tithi.platform.roles import bootstrap_database

TEMPLATE = "isolation_template"
TENANTS = tuple({"app.tenant_id": str(new_id()), "app.user_id": str(new_id())} for _ in range(2))
_copies = count(1)


@dataclass(frozen=True, slots=True)
class Copy:
    """A fresh database with two customers, one of each tenant, which the test may spoil."""

    dsn: Dsn

    def change(self, *statements: str) -> None:
        with closing(psycopg2.connect(self.dsn("postgres"))) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()

    def findings(self) -> list[str]:
        """All that the catalogue and the attempts tell."""
        rows = isolation_checks.subjects(self.dsn, mine=TENANTS[0], theirs=TENANTS[1])
        assert {row.table for row in rows} == {"audit_logs", "cards", "customers"}
        tried = [isolation_checks.leaks(self.dsn, role, verb, rows) for role in ROLES for verb in VERBS]
        read = [f"{check.__name__}: {found}" for check in CHECKS for found in check(self.dsn)]
        return [*chain.from_iterable(tried), *isolation_checks.crossing_keys(self.dsn, rows), *read]


@pytest.fixture(scope="module")
def template(stack: Stack) -> str:
    build_database(stack.postgres, TEMPLATE)
    with closing(psycopg2.connect(stack.postgres.dsn("tithi_app", TEMPLATE))) as connection:
        for tenant in TENANTS:
            _add_customer(connection, tenant["app.tenant_id"])
            connection.commit()
    return TEMPLATE


def _add_customer(connection: Any, tenant_id: str) -> None:  # noqa: ANN401 - psycopg2 has no types
    customer_id = str(new_id())
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant_id', %s, true)", (tenant_id,))
        cursor.execute(
            "INSERT INTO customers (tenant_id, id, display_name, tags, created_at, updated_at)"
            " VALUES (%s, %s, 'Jane', '[]', now(), now())",
            (tenant_id, customer_id),
        )
        cursor.execute(
            "INSERT INTO cards (tenant_id, id, customer_id, account_ref, customer_ref, method_ref, brand, last4,"
            " exp_month, exp_year, created_at)"
            " VALUES (%s, %s, %s, 'acct_1', %s, 'pm_1', 'visa', '4242', 1, 2040, now())",
            (tenant_id, str(new_id()), customer_id, f"cus_{customer_id}"),
        )


@pytest.fixture
def copy(stack: Stack, template: str) -> Iterator[Copy]:
    name = f"isolation_{next(_copies)}"
    bootstrap_database(stack.postgres.superuser_dsn, name, template=template)
    yield Copy(partial(_dsn, stack, name))
    with closing(psycopg2.connect(stack.postgres.superuser_dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")


def _dsn(stack: Stack, database: str, role: str) -> str:
    return stack.postgres.dsn(role, database)


def test_an_unspoilt_copy_has_no_findings(copy: Copy) -> None:
    assert copy.findings() == []


def test_a_table_whose_owner_is_not_bound_is_found(copy: Copy) -> None:
    copy.change("ALTER TABLE customers NO FORCE ROW LEVEL SECURITY")
    assert copy.findings() == ["rows_are_forced: customers: row-level security is not forced"]


def test_a_policy_that_lets_foreign_rows_in_is_found(copy: Copy) -> None:
    copy.change("ALTER POLICY tenant_insert ON customers WITH CHECK (true)")
    found = copy.findings()
    assert "policies_have_a_known_form: customers.tenant_insert: true" in found
    for role in ROLES:
        assert f"{role}: insert of foreign rows of customers: 0 rows, 23505" in found
        assert f"{role}: insert of none rows of customers: 0 rows, 23505" in found


def test_a_policy_without_its_second_half_is_found(copy: Copy) -> None:
    copy.change(
        "DROP POLICY tenant_update ON customers",
        "CREATE POLICY tenant_update ON customers FOR UPDATE TO tithi_app, tithi_worker, tithi_owner"
        " USING (tenant_id = (SELECT current_tenant_id()))",
    )
    assert copy.findings() == ["policies_have_both_halves: customers.tenant_update: no WITH CHECK"]


def test_a_foreign_key_without_the_tenant_is_found(copy: Copy) -> None:
    name = "fk_cards_tenant_id_customer_id_customers"
    copy.change(
        f"ALTER TABLE cards DROP CONSTRAINT {name}",
        "ALTER TABLE customers ADD CONSTRAINT uq_customers_id UNIQUE (id)",
        f"ALTER TABLE cards ADD CONSTRAINT {name} FOREIGN KEY (customer_id) REFERENCES customers (id)"
        " ON DELETE RESTRICT",
    )
    found = copy.findings()
    assert f"{name}: a row of cards may point at another tenant's row of customers" in found
    assert f"foreign_keys_carry_the_tenant: {name}: cards(customer_id) to customers(id)" in found
    assert "uniqueness_is_within_a_tenant: customers: uq_customers_id is unique across tenants" in found


def test_the_right_to_truncate_is_found(copy: Copy) -> None:
    copy.change("GRANT TRUNCATE ON customers TO tithi_app")
    assert copy.findings() == ["roles_have_no_more_rights_than_needed: tithi_app has TRUNCATE on customers"]


def test_a_view_that_runs_as_its_owner_is_found(copy: Copy) -> None:
    copy.change(
        "CREATE VIEW everybody WITH (security_invoker = false) AS SELECT * FROM customers",
        "GRANT SELECT ON everybody TO tithi_app",
    )
    found = copy.findings()
    assert len(found) == 1
    assert found[0].startswith("views_run_as_their_reader: view everybody: owned by postgres")

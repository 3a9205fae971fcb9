# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Many presses at once: one is asked of the processor."""

from contextlib import closing
from functools import partial
from uuid import UUID

import psycopg2
from psycopg2.errors import UniqueViolation

from tests.billing.subscriber import CENTS, Subscriber
from tests.concurrency.parallel import at_once
from tests.stack import Stack, build_database
from tithi.platform.ids import new_id

RIVALS = 8
DATABASE = "scratch_subscription"


def test_of_many_resumptions_at_once_one_is_paid(payer: Subscriber) -> None:
    payer.advance(days=20)
    payer.pressed("pause")
    payer.advance(days=60)
    answers = at_once([partial(payer.press, "resume", key=f"press-{number}") for number in range(RIVALS)])
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (RIVALS - 1)
    assert payer.standing() == ("active", "active", "full")
    assert len(payer.paid()) == 2
    assert sum(payer.paid()) < 2 * CENTS


def test_the_index_alone_lets_one_open_change_of_a_kind_be_written(stack: Stack) -> None:
    build_database(stack.postgres, DATABASE)
    assert _written(stack) == 1


def test_without_the_index_the_same_race_writes_several(stack: Stack) -> None:
    build_database(stack.postgres, f"{DATABASE}_open")
    with closing(psycopg2.connect(stack.postgres.dsn("postgres", f"{DATABASE}_open"))) as connection:
        connection.cursor().execute("DROP INDEX ix_subscription_changes_open")
        connection.commit()
    assert _written(stack, f"{DATABASE}_open") == RIVALS


def _written(stack: Stack, database: str = DATABASE) -> int:
    """How many of so many sessions write down the same change when none looks whether another did."""
    dsn, tenant_id, subscription_id = stack.postgres.dsn("tithi_app", database), new_id(), new_id()
    _execute(
        dsn,
        tenant_id,
        "INSERT INTO subscriptions (tenant_id, id, quantity, unit_amount_cents, currency, trial_ends_at, created_at,"
        " updated_at) VALUES (%s, %s, 1, 1199, 'USD', now(), now(), now())",
        subscription_id,
    )

    def write() -> bool:
        try:
            _execute(
                dsn,
                tenant_id,
                "INSERT INTO subscription_changes (tenant_id, id, subscription_id, kind, parameters, created_at,"
                " updated_at) VALUES (%s, %s, %s, 'resume', '{}', now(), now())",
                new_id(),
                subscription_id,
            )
        except UniqueViolation:
            return False
        return True

    return sum(at_once([write] * RIVALS))


def _execute(dsn: str, tenant_id: UUID, statement: str, *values: UUID) -> None:
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant_id', %s, true)", (str(tenant_id),))
        cursor.execute(statement, (str(tenant_id), *map(str, values)))
        connection.commit()

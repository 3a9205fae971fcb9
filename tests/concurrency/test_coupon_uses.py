# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from contextlib import closing
from functools import partial
from threading import Barrier
from uuid import UUID

import psycopg2

from tests.concurrency import claims
from tests.concurrency.parallel import START_SECONDS, at_once, repeated
from tests.factories.businesses import Answer, Salon
from tests.factories.promotions import add_coupon, coupon_shown
from tests.factories.visits import desk, guest
from tests.stack import Stack, build_database
from tithi.platform.ids import new_id

USES = 3
RIVALS = 20
READ = "SELECT used_count FROM coupons WHERE id = %s"
READ_LOCKED = f"{READ} FOR UPDATE"


def book(salon: Salon, code: str, hour: int, email: str | None = None) -> Answer:
    return desk(salon, salon.slot(hour=hour), coupon_code=code, customer_info=guest(email))


def test_of_twenty_bookings_with_a_coupon_for_three_more_three_have_it(salon: Salon) -> None:
    coupon = add_coupon(salon, max_uses=USES + 1)
    assert book(salon, coupon["code"], 0).status_code == 201
    answers = at_once([partial(book, salon, coupon["code"], 1 + place) for place in range(RIVALS)])

    assert sorted(answer.status_code for answer in answers) == [201] * USES + [409] * (RIVALS - USES)
    refused = {answer.json["code"] for answer in answers if answer.status_code == 409}
    assert refused == {"TITHI_COUPON_USED_UP"}
    assert coupon_shown(salon, coupon)["used_count"] == USES + 1


def test_of_ten_first_visits_of_one_customer_one_has_the_coupon(salon: Salon) -> None:
    coupon = add_coupon(salon, first_visit_only=True)
    answers = at_once([partial(book, salon, coupon["code"], 1 + place, "new@example.com") for place in range(10)])
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    assert coupon_shown(salon, coupon)["used_count"] == 1


def test_without_lock_and_check_the_same_race_uses_a_coupon_too_often(stack: Stack) -> None:
    build_database(stack.postgres, "scratch_coupons")
    claims.as_superuser(
        lambda cursor: cursor.execute("ALTER TABLE coupons DROP CONSTRAINT ck_coupons_used"),
        stack.postgres.dsn("postgres", "scratch_coupons"),
    )
    assert _race(stack, "scratch_coupons", is_locked=False) > USES


def test_the_lock_alone_keeps_the_same_race_within_the_uses(stack: Stack) -> None:
    build_database(stack.postgres, "scratch_locked_coupons")
    assert _race(stack, "scratch_locked_coupons", is_locked=True) == USES


def _race(stack: Stack, database: str, *, is_locked: bool) -> int:
    """How many of so many took the coupon when each reads the count and then adds one."""
    tenant_id, coupon_id = new_id(), new_id()
    _make_coupon(stack, database, tenant_id, coupon_id)
    dsn = stack.postgres.dsn("tithi_app", database)
    ready = Barrier(RIVALS)

    def take() -> bool:
        with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.tenant_id', %s, true)", (str(tenant_id),))
            ready.wait(START_SECONDS)
            cursor.execute(READ_LOCKED if is_locked else READ, (str(coupon_id),))
            (used,) = cursor.fetchone() or (USES,)
            if not is_locked:
                ready.wait(START_SECONDS)
            if used < USES:
                cursor.execute("UPDATE coupons SET used_count = used_count + 1 WHERE id = %s", (str(coupon_id),))
            connection.commit()
            return bool(used < USES)

    return sum(repeated(take, RIVALS))


def _make_coupon(stack: Stack, database: str, tenant_id: UUID, coupon_id: UUID) -> None:
    claims.as_superuser(
        lambda cursor: cursor.execute(
            "SET session_replication_role = replica;"
            " INSERT INTO coupons (tenant_id, id, code, code_normalized, kind, value, max_uses, created_at)"
            " VALUES (%s, %s, 'THREE', 'THREE', 'percent', 1000, %s, now())",
            (str(tenant_id), str(coupon_id), USES),
        ),
        stack.postgres.dsn("postgres", database),
    )

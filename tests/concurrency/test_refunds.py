# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Two refunds of 60 out of 100 at the same time: what the lock on the payment is for."""

from contextlib import closing
from functools import partial
from threading import Barrier
from uuid import UUID

import psycopg2
import pytest

from tests.concurrency.claims import in_tenant
from tests.concurrency.parallel import START_SECONDS, at_once
from tests.factories.businesses import Salon
from tests.stack import Stack
from tithi.platform.ids import new_id

CAPTURED = 5000
ASKED = 3000
SUM = "SELECT coalesce(sum(amount_cents), 0) FROM refunds WHERE payment_id = %s AND status <> 'failed'"
WRITE = (
    "INSERT INTO refunds (tenant_id, id, payment_id, amount_cents, refund_type, submitted_at, created_at, updated_at)"
    " VALUES (current_tenant_id(), %s, %s, %s, 'partial', now(), now(), now())"
)


def _refund(dsn: str, tenant_id: UUID, payment_id: str, have_read: Barrier | None) -> bool:
    """Give back if what is left allows it; without the lock, both rivals have read before either writes."""
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant_id', %s, true)", (str(tenant_id),))
        if have_read is None:
            cursor.execute("SELECT 1 FROM payments WHERE id = %s FOR UPDATE", (payment_id,))
        cursor.execute(SUM, (payment_id,))
        given_back = cursor.fetchall()[0][0]
        if have_read is not None:
            have_read.wait(START_SECONDS)
        if given_back + ASKED > CAPTURED:
            return False
        cursor.execute(WRITE, (str(new_id()), payment_id, ASKED))
        connection.commit()
        return True


@pytest.mark.parametrize(("locks", "made"), [(True, 1), (False, 2)])
def test_two_refunds_that_are_too_much_together_are_both_made_only_without_the_lock(
    salon: Salon,
    stack: Stack,
    locks: bool,  # noqa: FBT001 - a case of the table
    made: int,
) -> None:
    booking_id = salon.booked()["booking_id"]
    assert salon.press("complete", booking_id).json["captured_cents"] == CAPTURED
    payment_id = salon.as_owner("GET", f"/api/v1/bookings/{booking_id}").json["payment_id"]
    dsn = stack.dsn("tithi_app")
    have_read = None if locks else Barrier(2)
    answers = at_once([partial(_refund, dsn, salon.tenant_id, payment_id, have_read)] * 2)
    assert sum(answers) == made
    ((given_back,),) = in_tenant(dsn, salon.tenant_id, SUM, (payment_id,))
    assert given_back == made * ASKED

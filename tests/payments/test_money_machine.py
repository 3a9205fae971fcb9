# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Random histories of money: whatever is pressed, told, lost or cut short, and in whatever order.

Never two charges for one purpose, never one after a waiver or a free cancellation, never more given back than was
taken; the ledger is even at every step, and at the end booking, money and processor say the same.
"""

import pytest
from flask import Flask

from tests.payments.machine.whole import Money, run
from tests.stack import Stack


@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("histories", "steps"), [(12, 25), pytest.param(300, 30, marks=pytest.mark.long)])
def test_booking_and_money_agree_whatever_happens(
    app: Flask, stack: Stack, worker_app: Flask, histories: int, steps: int
) -> None:
    total: list[int] = []

    class Told(Money):
        def teardown(self) -> None:
            total.append(self.steps)
            super().teardown()

    Told.app, Told.stack, Told.worker_app = app, stack, worker_app
    run(Told, histories=histories, steps=steps)
    assert sum(total) > histories * steps // 2

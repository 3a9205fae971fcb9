# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Everything that happens to a business's money, in one machine."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.payments.machine.customers import Customers
from tests.payments.machine.outside import Outside
from tests.payments.machine.staff import Staff


class Money(Customers, Staff, Outside):
    """Everything that happens to a business's money."""


def run(machine: type[Money], *, histories: int, steps: int, shrinks: bool = True) -> None:
    """What fails is printed with the blob that repeats it."""
    phases = [phase for phase in Phase if shrinks or phase is Phase.generate]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=histories,
            stateful_step_count=steps,
            phases=phases,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )

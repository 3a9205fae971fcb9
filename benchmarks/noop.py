# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A fact that one handler hears and does nothing about; the same for Celery."""

import os
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from celery import Celery

from tithi.platform.events import Event, fact, hears

HANDLER = "benchmarks.ignore"


@fact
@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Event):
    code: ClassVar[str] = "bench.told"
    aggregate: ClassVar[str] = "thing_id"
    thing_id: UUID
    customer_id: UUID


@hears(Told)
def ignore(event: Told) -> None:
    """Nothing is to be done."""


celery = Celery("bench", broker=os.environ.get("TITHI_REDIS_URL"))
celery.conf.update(task_ignore_result=True, worker_hijack_root_logger=False)


@celery.task(name="bench.nothing")
def nothing(thing_id: str, customer_id: str) -> None:
    """Nothing is to be done."""

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The Celery worker: drains the outbox, fires timers, handles what came in.

A sweep every second is the truth, NOTIFY an alarm clock. While the broker is down the listener sweeps by itself.
"""

import select
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import psycopg2
import structlog
from celery import Celery
from celery.signals import worker_init
from flask import Flask
from prometheus_client import start_http_server

from tithi.app import create_app
from tithi.platform import ingest, jobs, metrics, outbox
from tithi.platform.events import NOTIFY_CHANNEL
from tithi.platform.settings import Settings, load_settings

SWEEP_SECONDS = 1.0
LISTEN_SECONDS = 5.0
RECONNECT_SECONDS = 2.0
KEEP_DONE = timedelta(days=30)

log = structlog.get_logger(__name__)


def make_celery(settings: Settings) -> Celery:
    made = Celery("tithi", broker=settings.redis_url)
    made.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_serializer="json",
        accept_content=["json"],
        worker_pool="threads",
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": 300, "socket_timeout": 5},
        beat_schedule={
            "sweep": {"task": "tithi.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": 5}},
            "tend": {"task": "tithi.tend", "schedule": 3600.0, "options": {"expires": 600}},
        },
        timezone="UTC",
    )
    return made


_settings = load_settings()
celery = make_celery(_settings)
flask_app = create_app(_settings, role="worker")
_draining = threading.Semaphore(2)


@celery.task(name="tithi.sweep")
def sweep() -> None:
    """Do all that is due; one sweep at a time in this process is enough."""
    run_due(flask_app)


@celery.task(name="tithi.tend")
def tend() -> None:
    with flask_app.app_context():
        outbox.prune(older_than=KEEP_DONE)
        ingest.prune(older_than=KEEP_DONE)


def run_due(application: Flask) -> None:
    if not _draining.acquire(blocking=False):
        return
    try:
        with application.app_context():
            ingest.consume_due()
            jobs.fire_due()
            outbox.drain()
            metrics.oldest_delivery_seconds.set(outbox.oldest_open_age())
    finally:
        _draining.release()


@worker_init.connect
def start_listening(**_signal: Any) -> None:
    start_http_server(_settings.worker_internal_port, addr=_settings.bind_host)
    threading.Thread(target=listen, args=(_settings.listen_database_url,), name="outbox-nudge", daemon=True).start()


def listen(url: str) -> None:
    """Drain as soon as a commit says that there is something, and sweep by itself while the broker sends no sweeps."""
    while True:
        try:
            _listen_until_lost(url)
        except psycopg2.Error as error:
            log.warning("outbox.listen_lost", reason=type(error).__name__)
            time.sleep(RECONNECT_SECONDS)


def _listen_until_lost(url: str) -> None:
    with closing(psycopg2.connect(url.replace("postgresql+psycopg2://", "postgresql://", 1))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {NOTIFY_CHANNEL}")
        swept_at = time.monotonic()
        while True:
            if select.select([connection], [], [], LISTEN_SECONDS)[0]:
                connection.poll()
                connection.notifies.clear()
                _safely(_drain_now)
            if time.monotonic() - swept_at >= LISTEN_SECONDS:
                _safely(lambda: run_due(flask_app))
                swept_at = time.monotonic()


def _drain_now() -> None:
    with flask_app.app_context():
        outbox.drain()


def _safely(work: Callable[[], object]) -> None:
    try:
        work()
    except Exception:  # the next turn tries again; the listener has to live on
        log.exception("outbox.nudge_failed")

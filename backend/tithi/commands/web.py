# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Serves HTTP with granian, and this process's figures on the internal listener."""

import gc
import multiprocessing
import os
import tempfile
from importlib import import_module

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from tithi.platform.settings import load_settings

KILL_TIMEOUT_SECONDS = 10
# A request makes a few thousand objects and hardly a cycle: the collector looks once in some ten requests.
COLLECT_AFTER = (20_000, 20, 50)


@click.command("web")
def command() -> None:
    """Serve HTTP."""
    # Assembling makes objects that stay: looking for garbage among them takes a quarter of the start.
    gc.disable()
    settings = load_settings()
    with tempfile.TemporaryDirectory(prefix="tithi-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        _serve_metrics(settings.bind_host, settings.internal_port)
        server = Granian(
            "tithi.app:create_app",
            factory=True,
            address=settings.bind_host,
            port=settings.port,
            interface=Interfaces.WSGI,
            workers=settings.web_workers,
            blocking_threads=settings.web_threads,
            workers_kill_timeout=KILL_TIMEOUT_SECONDS,
            log_access=False,
            log_level=LogLevels.warning,
        )
        if multiprocessing.get_start_method() == "fork":
            # Assembled once, before the workers part from this process: they start sooner and share its memory.
            app = import_module("tithi.app").create_app(settings)
            gc.freeze()
            gc.set_threshold(*COLLECT_AFTER)
            gc.enable()
            server.serve(target_loader=lambda: app, wrap_loader=False)
        else:
            gc.enable()
            server.serve()


def _serve_metrics(address: str, port: int) -> None:
    from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415 - reads the folder set above
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415 - reads the folder set above

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # ships partly typed
    start_http_server(port, addr=address, registry=registry)

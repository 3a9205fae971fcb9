# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Serves the reference application as the web command serves Tithi."""

import os

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels


def main() -> None:
    Granian(
        "benchmarks.raw_app:app",
        address="127.0.0.1",
        port=int(os.environ["TITHI_PORT"]),
        interface=Interfaces.WSGI,
        workers=int(os.environ["TITHI_WEB_WORKERS"]),
        blocking_threads=int(os.environ["TITHI_WEB_THREADS"]),
        workers_kill_timeout=2,
        log_access=False,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main()

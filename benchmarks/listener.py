# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The worker's listening thread alone; writes the instant at which each fact reached its handler."""

import os
import sys
import time

from benchmarks import noop
from tithi import worker
from tithi.platform import events


def _write_instant(_event: noop.Told) -> None:
    sys.stdout.write(f"{time.monotonic()}\n")
    sys.stdout.flush()


def main() -> None:
    known = events._handlers[noop.HANDLER]  # noqa: SLF001 - the instant is what is measured
    events._handlers[noop.HANDLER] = events.Handler(known.name, known.event, _write_instant, network=False)  # noqa: SLF001 - as above
    worker.listen(os.environ["TITHI_WORKER_DATABASE_URL"])


if __name__ == "__main__":
    main()

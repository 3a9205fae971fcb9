# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""One worker that drains the outbox of a database until it is empty; writes how fast as JSON."""

import json
import sys
import time

from benchmarks import noop
from tithi.app import create_app
from tithi.platform import outbox


def main() -> None:
    app = create_app(role="worker")
    with app.app_context():
        outbox.drain(batches=2)  # the first ones open the connection
        began = time.perf_counter()
        count = outbox.drain(batches=1_000_000)
        seconds = time.perf_counter() - began
    sys.stdout.write(json.dumps({"handler": noop.HANDLER, "count": count, "seconds": seconds}))


if __name__ == "__main__":
    main()

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the worker process would do, done here and now."""

from flask import Flask

from tithi.platform import ingest, jobs, outbox

MOST_ROUNDS = 5


def work(worker_app: Flask) -> int:
    """Do all that is due, and what follows from it; says how much there was."""
    total = 0
    with worker_app.app_context():
        for _ in range(MOST_ROUNDS):
            done = ingest.consume_due() + jobs.fire_due() + outbox.drain()
            if not done:
                break
            total += done
    return total

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A process that sends one request as a member and is killed at one point of the calls to the processor.

`python -m tests.payments.dying_press POINT PATH TOKEN BODY KEY`; POINT is `before:CALL`, `after:CALL`,
or `end` for after the answer.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

from tests.factories.businesses import BASE_URL
from tithi.app import create_app

KILLED = -signal.SIGKILL
END = "end"


class Dying:
    """The processor, for a caller that comes to its end just before or just after one of the calls."""

    def __init__(self, processor: Any, point: str, end: Callable[[], NoReturn]) -> None:  # noqa: ANN401 - any processor
        self._processor = processor
        self._moment, _, self._call = point.partition(":")
        self._end = end

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._processor, name)

        def dying(**arguments: Any) -> None:
            try:
                if self._moment == "after":
                    call(**arguments)
            finally:
                self._end()

        return dying if name == self._call else call


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    while True:
        time.sleep(1)


def main(point: str, path: str, token: str, body: str, key: str) -> None:
    app = create_app()
    processing = app.extensions["tithi.payments"]
    app.extensions["tithi.payments"] = replace(processing, processor=Dying(processing.processor, point, die))
    headers = {"Idempotency-Key": key}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    answer = app.test_client().post(path, base_url=BASE_URL, headers=headers, json=json.loads(body))
    if point == END:
        die()
    sys.exit(f"still alive: {answer.status_code} {answer.text}")


if __name__ == "__main__":
    main(*sys.argv[1:])

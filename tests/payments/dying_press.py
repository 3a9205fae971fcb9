"""A process that sends one request as a member and dies at one point of the calls to the processor.

`python -m tests.payments.dying_press POINT PATH TOKEN BODY KEY`; POINT is `before:CALL` or `after:CALL`.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.factories.businesses import BASE_URL
from tithi.app import create_app

DIED = 9


class Dying:
    """The processor, in a process that is killed just before or just after one of its calls."""

    def __init__(self, processor: Any, point: str) -> None:  # noqa: ANN401 - it stands for the whole contract
        self._processor = processor
        self._moment, _, self._call = point.partition(":")

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._processor, name)

        def dying(**arguments: Any) -> None:
            if self._moment == "after":
                call(**arguments)
            os._exit(DIED)

        return dying if name == self._call else call


def main(point: str, path: str, token: str, body: str, key: str) -> None:
    app = create_app()
    processing = app.extensions["tithi.payments"]
    app.extensions["tithi.payments"] = replace(processing, processor=Dying(processing.processor, point))
    headers = {"Idempotency-Key": key}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    answer = app.test_client().post(path, base_url=BASE_URL, headers=headers, json=json.loads(body))
    sys.exit(f"still alive: {answer.status_code} {answer.text}")


if __name__ == "__main__":
    main(*sys.argv[1:])

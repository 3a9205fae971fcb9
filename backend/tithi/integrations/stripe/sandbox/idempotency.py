# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Idempotency keys as Stripe keeps them: the first result counts, once execution began.

A kept result is replayed for 24 hours of the sandbox's clock, a 500 included. The same key with other parameters is
refused, at the same time as another use of it too. Validation errors and 429 are not kept. Requests of API version 2
that failed may be run again under their key, and successes are kept 30 days.
"""

import json
from hashlib import sha256
from threading import Lock
from typing import Any

from tithi.integrations.stripe.sandbox.problems import InvalidError
from tithi.integrations.stripe.sandbox.store import Body, Store

KEPT_SECONDS = 24 * 3600
KEPT_SECONDS_V2 = 30 * 24 * 3600
MAX_KEY_LENGTH = 255
_KIND = "idempotency"


class Keys:
    """The keys in use this moment live in memory, the results in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._running: set[tuple[str, str]] = set()

    def begin(self, account: str, key: str) -> None:
        """Take the key for one request; `end` gives it back.

        Raises:
            Invalid: another request is using it.
        """
        if len(key) > MAX_KEY_LENGTH:
            message = f"Keys for idempotent requests must be {MAX_KEY_LENGTH} characters or less."
            raise InvalidError(message, kind="idempotency_error")
        with self._lock:
            if (account, key) in self._running:
                message = (
                    f"There is currently another in-progress request using this Idempotent Key: {key}. "
                    "Please try again later."
                )
                raise InvalidError(message, status=409, code="idempotency_key_in_use", kind="idempotency_error")
            self._running.add((account, key))

    def end(self, account: str, key: str) -> None:
        with self._lock:
            self._running.discard((account, key))

    def result(self, account: str, key: str, mark: str, now: int) -> tuple[int, Body] | None:
        """Answer status and body of the first use of the key, or nothing when there was none.

        Raises:
            Invalid: the first use had other parameters.
        """
        kept = self._store.find(_KIND, account, key)
        if kept is None or now >= kept["until"]:
            return None
        if kept["mark"] != mark:
            message = (
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request."
            )
            raise InvalidError(message, kind="idempotency_error")
        return kept["status"], kept["body"]

    def keep(self, account: str, key: str, mark: str, result: tuple[int, Body], until: int) -> None:
        status, body = result
        self._store.put(_KIND, account, {"id": key, "mark": mark, "status": status, "body": body, "until": until})


def fingerprint(method: str, path: str, params: dict[str, Any]) -> str:
    """What must be the same when a key is used again."""
    return sha256(json.dumps([method, path, params], sort_keys=True).encode()).hexdigest()

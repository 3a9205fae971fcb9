# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""How often the processor is asked for one account: a second's budget that all processes share through Valkey.

While Valkey is down nothing is counted and nothing waits: the processor's own limit is higher, and money goes first.
"""

import time

import structlog
from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from tithi.integrations.stripe.contract import BusyError

LONGEST_WAIT_SECONDS = 2.0
LONGEST_HOLD_SECONDS = 30.0
STEP_SECONDS = 0.05
SOCKET_TIMEOUT_SECONDS = 0.25
RETRY_VALKEY_AFTER_SECONDS = 2.0
NAMESPACE = "stripe-calls"

log = structlog.get_logger(__name__)


class CallBudget:
    """Counts calls in a second that moves along, so that no second anywhere has more."""

    def __init__(
        self, redis_url: str, *, calls_per_second: int, longest_wait_seconds: float = LONGEST_WAIT_SECONDS
    ) -> None:
        self._storage = RedisStorage(
            redis_url,
            socket_timeout=SOCKET_TIMEOUT_SECONDS,
            socket_connect_timeout=SOCKET_TIMEOUT_SECONDS,
            wrap_exceptions=False,
        )
        self._limiter = MovingWindowRateLimiter(self._storage)
        self._rate = RateLimitItemPerSecond(calls_per_second, namespace=NAMESPACE)
        self._longest_wait = longest_wait_seconds
        self._counts_again_at = 0.0

    def take(self, account: str) -> None:
        """Take one call of an account's budget, waiting a little where it is used up.

        Raises:
            Busy: there is still none; certainly nothing was asked.
        """
        until = time.monotonic() + self._longest_wait
        while (wait := self._wait(account)) > 0:
            if time.monotonic() + wait > until:
                message = "the account's budget of calls is used up"
                raise BusyError(message, retry_after=wait)
            time.sleep(wait)

    def hold(self, account: str, seconds: float) -> None:
        """Ask nothing more for an account for so long, because the processor said so; at most half a minute."""
        try:
            milliseconds = int(min(seconds, LONGEST_HOLD_SECONDS) * 1000)
            self._storage.storage.set(_hold_key(account), 1, px=max(1, milliseconds))
        except (RedisError, OSError):
            self._pass()

    def _wait(self, account: str) -> float:
        """How long to wait before the next look; 0 where a call was taken."""
        if time.monotonic() < self._counts_again_at:
            return 0.0
        try:
            held = self._storage.storage.pttl(_hold_key(account))
            if held > 0:
                return float(held) / 1000
            return 0.0 if self._limiter.hit(self._rate, account) else STEP_SECONDS
        except (RedisError, OSError):
            self._pass()
            return 0.0

    def _pass(self) -> None:
        self._counts_again_at = time.monotonic() + RETRY_VALKEY_AFTER_SECONDS
        log.error("stripe.budget_valkey_down")


def _hold_key(account: str) -> str:
    return f"{NAMESPACE}:hold:{account}"

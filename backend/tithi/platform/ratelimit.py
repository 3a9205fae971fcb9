# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Fixed-window limits counted in Valkey, and, stricter, in this process while Valkey is down."""

import time
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import structlog
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage, Storage
from redis import Redis
from redis.exceptions import RedisError

from tithi.platform import metrics
from tithi.platform.errors import TooManyRequestsError

LOCAL_SHARE = 4
RETRY_VALKEY_AFTER_SECONDS = 2.0
SOCKET_TIMEOUT_SECONDS = 0.25

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Window:
    """What is left of a limit: `resets_in` is in seconds."""

    remaining: int
    resets_in: int


class RateLimiter:
    """Counts in windows aligned to the clock, so that one round trip tells what is left and until when."""

    def __init__(self, redis_url: str) -> None:
        self._shared: Storage = RedisStorage(
            redis_url,
            socket_timeout=SOCKET_TIMEOUT_SECONDS,
            socket_connect_timeout=SOCKET_TIMEOUT_SECONDS,
            wrap_exceptions=False,
        )
        self._local = MemoryStorage()
        self._shared_again_at = 0.0
        self._lock = Lock()

    def hit(self, rate: str, *identifiers: str) -> Window:
        """Count one request.

        Raises:
            TooManyRequests: the window is used up; says when the next begins.
        """
        item = _parse(rate)
        period = item.get_expiry()
        now = time.time()
        bucket = int(now // period)
        resets_in = max(1, int((bucket + 1) * period - now) + 1)
        key = item.key_for(*identifiers, str(bucket))
        count, most = self._count(key, period, item.amount)
        if count > most:
            raise TooManyRequestsError(
                headers={
                    "Retry-After": str(resets_in),
                    "X-RateLimit-Remaining": "0",
                    "X-RateLimit-Reset": str(resets_in),
                }
            )
        return Window(most - count, resets_in)

    def _count(self, key: str, period: int, amount: int) -> tuple[int, int]:
        if time.monotonic() >= self._shared_again_at:
            try:
                return self._shared.incr(key, period), amount
            except (RedisError, OSError):
                self._shared_again_at = time.monotonic() + RETRY_VALKEY_AFTER_SECONDS
                log.error("ratelimit.valkey_down")  # noqa: TRY400 - the trace says nothing more
        metrics.rate_limit_fallbacks.inc()
        with self._lock:
            return self._local.incr(key, period), max(1, amount // LOCAL_SHARE)


@lru_cache(maxsize=64)
def _parse(rate: str) -> RateLimitItem:
    return parse(rate)


def ping(redis_url: str) -> bool:
    client = Redis.from_url(
        redis_url, socket_timeout=SOCKET_TIMEOUT_SECONDS, socket_connect_timeout=SOCKET_TIMEOUT_SECONDS
    )
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False
    finally:
        client.close()

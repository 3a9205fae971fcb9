# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Whether this process lives, and whether it can serve."""

from typing import Any

from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from tithi.platform import ratelimit
from tithi.platform.db import transaction
from tithi.platform.tenancy import scope_without_tenant


def database_answers() -> bool:
    try:
        with scope_without_tenant(), transaction() as current:
            return current.execute(text("SELECT 1")).scalar() == 1
    except SQLAlchemyError:
        return False


def report() -> dict[str, Any]:
    """State of each part; Valkey down means degraded, not unready: bookings go on without it."""
    database = database_answers()
    valkey = ratelimit.ping(current_app.config["TITHI"].redis_url)
    status = "ok" if database and valkey else "degraded" if database else "down"
    return {"status": status, "database": _word(up=database), "valkey": _word(up=valkey)}


def _word(*, up: bool) -> str:
    return "up" if up else "down"

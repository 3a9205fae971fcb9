# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Faults on command: what may go wrong between a client and the vendor."""

import contextlib
import os
import socket
import struct
from fnmatch import fnmatchcase
from typing import Literal, get_args

from tithi.integrations.stripe.sandbox.params import Params
from tithi.integrations.stripe.sandbox.problems import Body, InvalidError
from tithi.integrations.stripe.sandbox.store import Store, new_id

FaultKind = Literal[
    "lose_answer_before",
    "lose_answer_after",
    "error_500",
    "error_500_after",
    "rate_limit_429",
    "conflict_409",
    "reset",
    "slow",
]
FAULT_KINDS: tuple[str, ...] = get_args(FaultKind)
DEFAULT_SLOW_SECONDS = 5.0
_KIND = "faults"
_OWNER = "sandbox"


class ConnectionGoneError(ConnectionAbortedError):
    """The connection was cut on purpose; the server has nothing more to say on it."""


def add(store: Store, params: Params) -> Body:
    """Read `match` (method and path, `*` allowed), `kind`, `times`, `seconds` and `account`; keep the fault."""
    params.allow("match", "kind", "times", "seconds", "account")
    kind = params.required("kind")
    if kind not in FAULT_KINDS:
        message = f"kind must be one of {', '.join(FAULT_KINDS)}"
        raise InvalidError(message, param="kind")
    fault: Body = {
        "id": new_id("fault"),
        "match": params.required("match"),
        "kind": kind,
        "times": params.integer("times") or 1,
        "seconds": float(params.values.get("seconds") or 0.0),
        "account": params.text("account"),
    }
    return store.put(_KIND, _OWNER, fault)


def clear(store: Store) -> None:
    for fault in store.every(_KIND):
        store.remove(_KIND, _OWNER, fault["id"])


def standing(store: Store) -> list[Body]:
    return list(store.every(_KIND))


def take(store: Store, *, method: str, path: str, account: str) -> Body | None:
    """Use up one turn of the oldest fault that fits the request."""
    for fault in reversed(standing(store)):
        if fault["account"] not in (None, account) or not fnmatchcase(f"{method} {path}", fault["match"]):
            continue
        fault["times"] -= 1
        if fault["times"] > 0:
            store.put(_KIND, _OWNER, fault)
        else:
            store.remove(_KIND, _OWNER, fault["id"])
        return fault
    return None


def lose_connection(connection: socket.socket | None) -> ConnectionGoneError:
    """End the connection in good order, without an answer."""
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    return ConnectionGoneError("the answer is lost")


def reset_connection(connection: socket.socket | None) -> ConnectionGoneError:
    """End the connection as a crashed peer would."""
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(connection.detach())
    return ConnectionGoneError("the connection is reset")

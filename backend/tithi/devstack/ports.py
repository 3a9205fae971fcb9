# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The ports of the stack, and the check that nobody else holds them."""

import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from tithi.devstack.errors import PortError

HOST = "127.0.0.1"
DEFAULT_PORTS = {
    "TITHI_PORT": 5001,
    "TITHI_INTERNAL_PORT": 5002,
    "TITHI_POSTGRES_PORT": 5003,
    "TITHI_VALKEY_PORT": 5004,
    "TITHI_STRIPE_SANDBOX_PORT": 5005,
    "TITHI_MESSAGE_SANDBOX_PORT": 5006,
    "TITHI_WORKER_INTERNAL_PORT": 5007,
}
_MAX_PORT = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    web: int
    internal: int
    postgres: int
    valkey: int
    stripe_sandbox: int
    message_sandbox: int
    worker_internal: int


def read_ports(environment: Mapping[str, str]) -> Ports:
    """Take each port from its variable or by default.

    Raises:
        PortError: a value is no port number, or two services share one.
    """
    numbers = {name: _number(name, environment.get(name) or str(default)) for name, default in DEFAULT_PORTS.items()}
    seen: dict[int, str] = {}
    for name, number in numbers.items():
        if number in seen:
            message = f"{name} and {seen[number]} both ask for port {number}."
            raise PortError(message)
        seen[number] = name
    web, internal, postgres, valkey, stripe_sandbox, message_sandbox, worker_internal = numbers.values()
    return Ports(
        web=web,
        internal=internal,
        postgres=postgres,
        valkey=valkey,
        stripe_sandbox=stripe_sandbox,
        message_sandbox=message_sandbox,
        worker_internal=worker_internal,
    )


def refuse_taken_ports(wanted: Mapping[str, int], *, host: str = HOST) -> None:
    """Check that each port of `wanted` (variable name to number) can be listened on.

    Raises:
        PortError: someone else listens on one of them.
    """
    for name, number in wanted.items():
        if _is_taken(host, number):
            message = f"Port {number} is taken by another program: stop it, or choose another port with {name}=…"
            raise PortError(message)


def free_port(host: str = HOST) -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _is_taken(host: str, number: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a port whose last connections are only fading out counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            message = f"Port {number} cannot be used on {host}: {error.strerror}"
            raise PortError(message) from error
    return False


def _number(name: str, value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) <= _MAX_PORT:
        message = f'{name} takes a port number from 1 to {_MAX_PORT}, not "{value}".'
        raise PortError(message)
    return int(value)

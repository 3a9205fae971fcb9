# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The ports of the stack: defaults, overrides, and one readable line when somebody else holds one."""

import socket

import pytest

from tithi.devstack.errors import PortError
from tithi.devstack.ports import free_port, read_ports, refuse_taken_ports


def test_ports_have_defaults() -> None:
    ports = read_ports({})

    assert (ports.web, ports.internal, ports.postgres) == (5001, 5002, 5003)
    assert (ports.valkey, ports.stripe_sandbox, ports.message_sandbox) == (5004, 5005, 5006)


def test_each_port_can_be_chosen() -> None:
    ports = read_ports({"TITHI_PORT": "7001", "TITHI_VALKEY_PORT": "7004", "TITHI_POSTGRES_PORT": ""})

    assert (ports.web, ports.valkey, ports.postgres) == (7001, 7004, 5003)


@pytest.mark.parametrize("value", ["0", "65536", "-1", "http", "5001.5"])
def test_what_is_no_port_number_is_refused_by_name(value: str) -> None:
    with pytest.raises(PortError, match="TITHI_PORT takes a port number"):
        read_ports({"TITHI_PORT": value})


def test_two_services_on_one_port_are_refused() -> None:
    with pytest.raises(PortError, match="TITHI_POSTGRES_PORT and TITHI_PORT both ask for port 7000"):
        read_ports({"TITHI_PORT": "7000", "TITHI_POSTGRES_PORT": "7000"})


def test_a_taken_port_is_named_in_one_line_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]

        with pytest.raises(PortError) as refused:
            refuse_taken_ports({"TITHI_STRIPE_SANDBOX_PORT": number})

    assert str(number) in str(refused.value)
    assert "TITHI_STRIPE_SANDBOX_PORT=" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_free_port_is_accepted() -> None:
    number = free_port()

    refuse_taken_ports({"TITHI_PORT": number})

    assert number > 0

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What can go wrong while the stack starts, said to the person at the terminal.

DevstackError
├── PortError
├── ServerError
└── StackConfigurationError
"""


class DevstackError(Exception):
    """The stack cannot start; the message is readable as it is."""


class PortError(DevstackError):
    """A port is taken, asked for twice or no port number."""


class ServerError(DevstackError):
    """Postgres or Valkey did not start; the message ends with the last lines of its log."""


class StackConfigurationError(DevstackError):
    """The environment asks for something that the stack cannot do."""

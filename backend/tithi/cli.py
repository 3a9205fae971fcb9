# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The command line; every command is loaded when it is called."""

from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "demo": "Load the demo business once and print how to use it.",
    "dev": "Run everything on this machine.",
    "migrate": "Bring the database to the newest schema.",
    "openapi": "Print the OpenAPI document.",
    "outbox": "List and replay deliveries that were given up.",
    "reset": "Forget all data of the local stack.",
    "roles": "Make the database roles, as a superuser.",
    "routes": "Print every route with its access word.",
    "facts": "Print which room hears which fact.",
    "web": "Serve HTTP.",
    "zones": "Count visits whose wall-clock time has moved.",
}


class LazyGroup(click.Group):
    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"tithi.commands.{cmd_name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup)
def main(**_options: Any) -> None:
    """Tithi: an open booking platform."""


if __name__ == "__main__":
    main()

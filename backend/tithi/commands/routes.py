# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import click

from tithi import wiring


@click.command("routes")
def command() -> None:
    """Print every route with its access word."""
    for room in wiring.rooms():
        for endpoint in room.endpoints:
            prefix = "" if room.root else "/api/v1"
            click.echo(f"{endpoint.access:8} {endpoint.method:6} {prefix}{endpoint.path}")

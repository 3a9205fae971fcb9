# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import click

from tithi.app import create_app
from tithi.devstack import demo


@click.command("demo")
def command() -> None:
    """Load the demo business once and print how to use it."""
    with create_app().app_context():
        click.echo(demo.load())

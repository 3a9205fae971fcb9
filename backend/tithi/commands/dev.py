# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import sys

import click

from tithi.devstack import supervisor


@click.command("dev")
def command() -> None:
    """Run everything on this machine."""
    sys.exit(supervisor.run())

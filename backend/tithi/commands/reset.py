# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import click

from tithi.devstack import supervisor
from tithi.devstack.errors import DevstackError


@click.command("reset")
def command() -> None:
    """Forget all data of the local stack."""
    try:
        supervisor.reset()
    except DevstackError as error:
        raise click.ClickException(str(error)) from error

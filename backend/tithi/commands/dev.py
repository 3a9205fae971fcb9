import sys

import click

from tithi.devstack import supervisor


@click.command("dev")
def command() -> None:
    """Run everything on this machine."""
    sys.exit(supervisor.run())

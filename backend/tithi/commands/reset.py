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

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from uuid import UUID

import click

from tithi.app import create_app
from tithi.platform import outbox


@click.group("outbox")
def command() -> None:
    """List and replay deliveries that were given up."""


@command.command("dead")
@click.option("--limit", default=100, show_default=True)
def dead(limit: int) -> None:
    """List the discarded deliveries, newest first."""
    with create_app(role="worker").app_context():
        for letter in outbox.dead_letters(limit=limit):
            click.echo("  ".join(f"{name}={value}" for name, value in letter.items()))


@command.command("replay")
@click.argument("delivery_id", type=click.UUID, required=False)
@click.option("--all", "everything", is_flag=True, help="Replay every discarded delivery.")
def replay(delivery_id: UUID | None, *, everything: bool) -> None:
    """Make a discarded delivery available again."""
    if (delivery_id is None) != everything:
        message = "Name one delivery, or say --all."
        raise click.UsageError(message)
    with create_app(role="worker").app_context():
        click.echo(f"{outbox.replay(delivery_id)} made available")

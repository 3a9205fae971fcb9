# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import click

from tithi import wiring
from tithi.platform import events


@click.command("facts")
def command() -> None:
    """Print which room hears which fact, as the page in the documentation."""
    click.echo(page(), nl=False)


def page() -> str:
    wiring.load("events")
    wiring.load("handlers")
    lines = [
        "# Facts and who hears them",
        "",
        "Written by `tithi facts`; every fact is one row in the outbox, told in the transaction of what happened.",
        "",
        "| Fact | Told by | Heard by |",
        "|---|---|---|",
    ]
    handlers = events.known_handlers().values()
    for code, event in sorted(events.known_events().items()):
        heard = [
            f"`{handler.name}`" + (" (network)" if handler.network else "")
            for handler in sorted(handlers, key=lambda one: one.name)
            if handler.event is event
        ]
        lines.append(f"| `{code}` | {event.__module__.split('.')[1]} | {', '.join(heard) or 'nobody yet'} |")
    return "\n".join(lines) + "\n"

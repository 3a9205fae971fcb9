# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Sequence
from importlib.metadata import version

import click

from tithi.app import create_app
from tithi.bookings import zone_queries
from tithi.platform.db import transaction
from tithi.platform.tenancy import tenant_scope
from tithi.tenants.queries import directory


@click.command("zones")
@click.option("--tenant", "slugs", multiple=True, required=True, help="The slug of a business; may be repeated.")
def command(slugs: Sequence[str]) -> None:
    """Count visits whose agreed wall-clock time has moved, because a zone's rules changed."""
    with create_app(role="worker").app_context():
        for slug in slugs:
            click.echo(count(slug))


def count(slug: str) -> str:
    """One business in one line.

    Raises:
        ClickException: there is no such business.
    """
    tenant = directory.by_slug(slug)
    if tenant is None:
        message = f"There is no business with the slug {slug}."
        raise click.ClickException(message)
    with tenant_scope(tenant.id), transaction():
        found = zone_queries.count_changes()
    numbers = f"bookings={found['booking']}  class_sessions={found['class_session']}"
    return f"tenant={slug}  tzdata={version('tzdata')}  {numbers}"

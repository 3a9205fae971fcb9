# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import json

import click

from tithi.platform import roles


@click.command("roles")
@click.option("--superuser-url", envvar="TITHI_SUPERUSER_URL", required=True)
@click.option("--database", required=True)
@click.option("--passwords", envvar="TITHI_ROLE_PASSWORDS", default="{}", help='JSON: {"tithi_app": "…", …}')
def command(superuser_url: str, database: str, passwords: str) -> None:
    """Make the database roles and the database, as a superuser; running it again changes nothing."""
    roles.bootstrap_cluster(superuser_url, json.loads(passwords))
    roles.bootstrap_database(superuser_url, database)

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import click
import orjson

from tithi.app import document


@click.command("openapi")
def command() -> None:
    """Print the OpenAPI document; needs neither settings nor a database."""
    click.echo(orjson.dumps(document(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))

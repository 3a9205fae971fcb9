from typing import Any

import click
import orjson
from flask import Flask

from tithi.app import install_routes


@click.command("openapi")
def command() -> None:
    """Print the OpenAPI document; needs neither settings nor a database."""
    click.echo(orjson.dumps(document(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))


def document() -> dict[str, Any]:
    app = Flask("tithi", static_folder=None)
    app.config.update(
        API_TITLE="Tithi",
        API_VERSION="v1",
        OPENAPI_VERSION="3.0.3",
        API_SPEC_OPTIONS={
            "info": {"description": "Booking for salons, spas and clinics."},
            "servers": [{"url": "/"}],
        },
    )
    found: dict[str, Any] = install_routes(app).spec.to_dict()
    return found

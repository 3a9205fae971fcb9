# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import os
from pathlib import Path

import click
from alembic import command as alembic
from alembic.config import Config
from flask import Flask
from flask_migrate import Migrate

from tithi.platform.db import db
from tithi.platform.settings import SettingsError

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"


@click.command("migrate")
@click.option("--sql", "as_sql", is_flag=True, help="Print the SQL of all migrations instead; needs no database.")
@click.option("--to", "target", default="head", show_default=True)
@click.option("--down", is_flag=True, help="Go down to the target.")
def command(*, as_sql: bool, target: str, down: bool) -> None:
    """Bring the database to the newest schema, as the migrator."""
    config = configuration(None if as_sql else os.environ.get("TITHI_MIGRATOR_DATABASE_URL"))
    if not as_sql and not config.get_main_option("sqlalchemy.url"):
        raise click.ClickException(str(SettingsError("TITHI_MIGRATOR_DATABASE_URL is needed")))
    if down:
        alembic.downgrade(config, target, sql=as_sql)
    else:
        alembic.upgrade(config, target, sql=as_sql)


def configuration(url: str | None) -> Config:
    """Alembic's configuration for a database."""
    app = Flask("tithi")
    migrate = Migrate(app, db, directory=str(MIGRATIONS))
    with app.app_context():
        config: Config = migrate.get_config()
    config.set_main_option("sqlalchemy.url", (url or "").replace("%", "%%"))
    return config

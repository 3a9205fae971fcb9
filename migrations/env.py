# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Runs migrations as `tithi_migrator`, who sets the role of the owner first."""

from alembic import context
from sqlalchemy import create_engine, pool, text

from tithi import wiring
from tithi.platform import tables

wiring.load("models")
metadata = tables.event_outbox.metadata
config = context.config
url = (config.get_main_option("sqlalchemy.url") or "").replace("postgresql://", "postgresql+psycopg2://", 1)


def run_offline() -> None:
    context.configure(
        dialect_name="postgresql", target_metadata=metadata, literal_binds=True, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("SET ROLE tithi_owner"))
        connection.commit()
        context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()

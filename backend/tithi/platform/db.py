# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The database: base model, session, and the one place that commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Annotated, Any, Protocol
from uuid import UUID

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry

from tithi.platform.ids import new_id


class TransactionOpenError(RuntimeError):
    """A call that may wait on the network was made while a transaction was open."""


class Model(DeclarativeBase):
    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            UUID: Uuid,
            str: Text,
            datetime: DateTime(timezone=True),
            dict[str, Any]: JSONB,
            list[Any]: JSONB,
            list[str]: JSONB,
        },
    )


Cents = Annotated[int, mapped_column(BigInteger)]
"""An amount in minor units of the currency beside it."""


class TenantModel(Model):
    """A tenant's row: the key is `(tenant_id, id)`, so that foreign keys can carry the tenant."""

    __abstract__ = True

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-3)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-2)


db = SQLAlchemy(model_class=Model, session_options={"expire_on_commit": False})


def session() -> Session:
    return db.session()


class TransactionHook(Protocol):
    """Work that joins the first transaction of a request, and hears when that is undone."""

    def begun(self) -> None: ...

    def undone(self) -> None: ...


first_transaction: ContextVar[TransactionHook | None] = ContextVar("tithi_first_transaction", default=None)


@contextmanager
def transaction() -> Iterator[Session]:
    """One unit of work: commits when the block ends, undoes everything when it raises."""
    current = db.session()
    if current.in_transaction():
        raise TransactionOpenError
    hook = first_transaction.get()
    try:
        if hook is not None:
            hook.begun()
        yield current
        current.commit()
    except BaseException:
        current.rollback()
        if hook is not None:
            hook.undone()
        raise
    finally:
        db.session.remove()


def refuse_open_transaction() -> None:
    """Raises TransactionOpenError when the current unit of work is open: no network is waited on inside one."""
    if db.session().in_transaction():
        raise TransactionOpenError

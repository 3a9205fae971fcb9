# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Whose rows a transaction may see: the scope, and its binding when a transaction begins.

Row-level security compares `tenant_id` with the setting `app.tenant_id`. The setting is local to the transaction and is
written by the hook at the end of this file alone, so a pooled connection carries nothing over.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session, SessionTransaction

SYSTEM_ACTOR = "system"


@dataclass(frozen=True, slots=True)
class Scope:
    tenant_id: UUID | None
    user_id: UUID | None
    actor: str
    request_id: str


class NoScopeError(RuntimeError):
    """A transaction was begun without saying for whom."""


class ScopeSwitchError(RuntimeError):
    """A scope was opened while a transaction of another scope was open."""


_scope: ContextVar[Scope | None] = ContextVar("tithi_scope", default=None)
_BIND = (
    "SELECT set_config('app.tenant_id', %s, true), set_config('app.user_id', %s, true),"
    " set_config('app.actor', %s, true), set_config('app.request_id', %s, true)"
)


def current_scope() -> Scope:
    scope = _scope.get()
    if scope is None:
        raise NoScopeError
    return scope


def current_tenant_id() -> UUID:
    """The tenant of the open scope.

    Raises:
        NoScopeError: no scope is open, or it has no tenant.
    """
    tenant_id = current_scope().tenant_id
    if tenant_id is None:
        raise NoScopeError
    return tenant_id


def scope_or_none() -> Scope | None:
    return _scope.get()


@contextmanager
def tenant_scope(
    tenant_id: UUID, *, actor: str = SYSTEM_ACTOR, user_id: UUID | None = None, request_id: str = ""
) -> Iterator[None]:
    """Work as one tenant; every transaction inside sees that tenant's rows alone."""
    with _opened(Scope(tenant_id, user_id, actor, request_id)):
        yield


@contextmanager
def scope_without_tenant(
    *, actor: str = SYSTEM_ACTOR, user_id: UUID | None = None, request_id: str = ""
) -> Iterator[None]:
    """Work that belongs to no tenant: sign-up, look-ups before a tenant is known, the worker's own queues.

    Tenant tables answer nothing inside, except where a policy names the user or the worker role.
    """
    with _opened(Scope(None, user_id, actor, request_id)):
        yield


@contextmanager
def _opened(scope: Scope) -> Iterator[None]:
    from tithi.platform.db import db  # noqa: PLC0415 - the session's factory is built on this module's hook

    if db.session().in_transaction():
        raise ScopeSwitchError
    token = _scope.set(scope)
    try:
        yield
    finally:
        db.session.remove()
        _scope.reset(token)


def rename_actor(actor: str, user_id: UUID | None) -> None:
    """Name who acts in the open scope; takes effect with the next transaction."""
    _scope.set(replace(current_scope(), actor=actor, user_id=user_id))


@event.listens_for(Session, "after_begin")
def _bind(_session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    scope = _scope.get()
    if scope is None:
        raise NoScopeError
    if connection.in_nested_transaction():
        return
    raw: Any = connection.connection.dbapi_connection
    raw.bind(
        _BIND,
        (
            str(scope.tenant_id) if scope.tenant_id else "",
            str(scope.user_id) if scope.user_id else "",
            scope.actor,
            scope.request_id,
        ),
    )

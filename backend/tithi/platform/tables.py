# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The platform's own tables; its modules write their statements in SQL."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from tithi.platform.db import Model

INSTANT = DateTime(timezone=True)
OPEN = "state IN ('available', 'running', 'retryable')"

event_outbox = Table(
    "event_outbox",
    Model.metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("code", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("aggregate_id", Uuid, nullable=False),
    Column("actor", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("occurred_at", INSTANT, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
)

deliveries = Table(
    "deliveries",
    Model.metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("handler", Text, nullable=False),
    Column("network", Boolean, nullable=False),
    Column("aggregate_id", Uuid, nullable=False),
    Column("state", Text, nullable=False, server_default="available"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("available_at", INSTANT, nullable=False),
    Column("last_error", Text),
    Column("created_at", INSTANT, nullable=False),
    Column("done_at", INSTANT),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "event_id"], ["event_outbox.tenant_id", "event_outbox.id"], ondelete="RESTRICT"),
    CheckConstraint("state IN ('available', 'running', 'retryable', 'discarded', 'done')", name="state"),
    Index("ix_deliveries_due", "available_at", "seq", postgresql_where=OPEN),
    Index("ix_deliveries_order", "tenant_id", "handler", "aggregate_id", "seq", postgresql_where=OPEN),
    Index("ix_deliveries_event", "tenant_id", "event_id"),
    Index("ix_deliveries_discarded", "tenant_id", "created_at", postgresql_where="state = 'discarded'"),
    Index("ix_deliveries_done", "done_at", postgresql_where="state = 'done'"),
)

timers = Table(
    "timers",
    Model.metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("owner_id", Uuid, nullable=False),
    Column("due_at", INSTANT, nullable=False),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("tenant_id", "kind", "owner_id"),
    Index(None, "due_at"),
)

webhook_inbox = Table(
    "webhook_inbox",
    Model.metadata,
    Column("id", Uuid, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("summary", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("received_at", INSTANT, nullable=False),
    Column("available_at", INSTANT, nullable=False),
    Column("last_error", Text),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("endpoint", "event_id"),
    CheckConstraint("state IN ('open', 'done', 'dead')", name="state"),
    Index("ix_webhook_inbox_due", "available_at", postgresql_where="state = 'open'"),
)

idempotency_keys = Table(
    "idempotency_keys",
    Model.metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("actor", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer),
    Column("body", LargeBinary),
    Column("leased_until", INSTANT, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    PrimaryKeyConstraint("tenant_id", "actor", "route", "key"),
    Index(None, "tenant_id", "created_at"),
)

platform_idempotency = Table(
    "platform_idempotency",
    Model.metadata,
    Column("actor", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer),
    Column("body", LargeBinary),
    Column("leased_until", INSTANT, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    PrimaryKeyConstraint("actor", "route", "key"),
    Index(None, "created_at"),
)

audit_logs = Table(
    "audit_logs",
    Model.metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False, server_default=text("gen_random_uuid()")),
    Column("table_name", Text, nullable=False),
    Column("row_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("old_values", JSONB),
    Column("new_values", JSONB),
    Column("at", INSTANT, nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("tenant_id", "id"),
    CheckConstraint("action IN ('INSERT', 'UPDATE', 'DELETE')", name="action"),
    Index(None, "tenant_id", "table_name", "row_id", "at"),
    Index(None, "tenant_id", "at"),
)

platform_audit = Table(
    "platform_audit",
    Model.metadata,
    Column("id", Uuid, nullable=False, server_default=text("gen_random_uuid()")),
    Column("table_name", Text, nullable=False),
    Column("row_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("at", INSTANT, nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("id"),
    CheckConstraint("action IN ('INSERT', 'UPDATE', 'DELETE')", name="action"),
)

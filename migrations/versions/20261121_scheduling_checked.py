# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Scheduling, checked: indexes that are built beside the writes, and constraints that were added without looking.

Imports nothing of the application.
"""

from alembic import op

revision = "20261121_scheduling_checked"
down_revision = "20261121_scheduling"
branch_labels = None
depends_on = None

CONSTRAINTS = {
    "availability_exceptions": (
        "ck_availability_exceptions_repeats", "fk_availability_exceptions_tenant_id_location_id_locations",
    ),
    "availability_rules": (
        "ck_availability_rules_kind", "ck_availability_rules_subject",
        "fk_availability_rules_tenant_id_location_id_locations",
    ),
    "booking_items": ("ck_booking_items_status", "fk_booking_items_tenant_id_room_id_resources"),
    "bookings": (
        "fk_bookings_tenant_id_series_id_booking_series", "fk_bookings_tenant_id_class_session_id_class_sessions",
    ),
    "resources": ("fk_resources_tenant_id_location_id_locations",),
    "service_staff": ("ck_service_staff_duration", "ck_service_staff_price"),
    "services": (
        "ck_services_kind", "ck_services_capacity", "ck_services_online_capacity", "ck_services_bounds",
    ),
    "team_members": ("ck_team_members_caps",),
}  # fmt: skip

INDEXES = {
    "ix_resources_tenant_id_location_id": "resources (tenant_id, location_id)",
    "ix_availability_rules_tenant_id_location_id": "availability_rules (tenant_id, location_id)",
    "ix_availability_exceptions_tenant_id_location_id": "availability_exceptions (tenant_id, location_id)",
    "ix_bookings_tenant_id_series_id_starts_at":
        "bookings (tenant_id, series_id, starts_at) WHERE series_id IS NOT NULL",
    "ix_bookings_tenant_id_class_session_id":
        "bookings (tenant_id, class_session_id) WHERE class_session_id IS NOT NULL",
    "ix_booking_items_tenant_id_room_id": "booking_items (tenant_id, room_id)",
}  # fmt: skip


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name, columns in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {columns}")
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, constraints in CONSTRAINTS.items():
        for constraint in constraints:
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {constraint}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")

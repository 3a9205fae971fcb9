# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Scheduling: segments, rooms and equipment, add-ons, series, classes, the waitlist, and rules with a place.

Imports nothing of the application. The exclusion constraint on claims is built anew, without the soft ones.
"""

from alembic import op

revision = "20261121_scheduling"
down_revision = "20261121_foundation"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE add_ons (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    duration_min INTEGER DEFAULT '0' NOT NULL,
    price_cents BIGINT NOT NULL,
    is_active BOOLEAN DEFAULT 'true' NOT NULL,
    sort_order INTEGER DEFAULT '0' NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_add_ons PRIMARY KEY (tenant_id, id),
    CONSTRAINT ck_add_ons_duration CHECK (duration_min BETWEEN 0 AND 480),
    CONSTRAINT ck_add_ons_price CHECK (price_cents >= 0)
);

CREATE TABLE booking_series (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    status TEXT DEFAULT 'active' NOT NULL,
    rule JSONB NOT NULL,
    items JSONB NOT NULL,
    timezone TEXT NOT NULL,
    starts_local TIMESTAMP WITHOUT TIME ZONE NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_booking_series PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_booking_series_tenant_id_customer_id_customers
        FOREIGN KEY(tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_booking_series_status CHECK (status IN ('active', 'canceled'))
);

CREATE INDEX ix_booking_series_tenant_id_customer_id ON booking_series (tenant_id, customer_id);

CREATE TABLE service_add_ons (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    service_id UUID NOT NULL,
    add_on_id UUID NOT NULL,
    CONSTRAINT pk_service_add_ons PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_service_add_ons_tenant_id_service_id_services
        FOREIGN KEY(tenant_id, service_id) REFERENCES services (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_service_add_ons_tenant_id_add_on_id_add_ons
        FOREIGN KEY(tenant_id, add_on_id) REFERENCES add_ons (tenant_id, id) ON DELETE RESTRICT
);

CREATE INDEX ix_service_add_ons_tenant_id_add_on_id ON service_add_ons (tenant_id, add_on_id);

CREATE UNIQUE INDEX ix_service_add_ons_tenant_id_service_id_add_on_id
    ON service_add_ons (tenant_id, service_id, add_on_id);

CREATE TABLE service_prerequisites (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    service_id UUID NOT NULL,
    required_service_id UUID NOT NULL,
    within_days INTEGER NOT NULL,
    at_least_hours INTEGER DEFAULT '0' NOT NULL,
    CONSTRAINT pk_service_prerequisites PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_service_prerequisites_tenant_id_service_id_services
        FOREIGN KEY(tenant_id, service_id) REFERENCES services (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_service_prerequisites_tenant_id_required_service_id_services
        FOREIGN KEY(tenant_id, required_service_id) REFERENCES services (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_service_prerequisites_other CHECK (service_id <> required_service_id),
    CONSTRAINT ck_service_prerequisites_within CHECK (within_days BETWEEN 1 AND 3650),
    CONSTRAINT ck_service_prerequisites_at_least CHECK (at_least_hours BETWEEN 0 AND 8760)
);

CREATE INDEX ix_service_prerequisites_tenant_id_required_service_id
    ON service_prerequisites (tenant_id, required_service_id);

CREATE UNIQUE INDEX ix_service_prerequisites_tenant_id_service_id_required__6cc0
    ON service_prerequisites (tenant_id, service_id, required_service_id);

CREATE TABLE service_segments (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    service_id UUID NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    duration_min INTEGER NOT NULL,
    holds_staff BOOLEAN NOT NULL,
    holds_room BOOLEAN NOT NULL,
    CONSTRAINT pk_service_segments PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_service_segments_tenant_id_service_id_services
        FOREIGN KEY(tenant_id, service_id) REFERENCES services (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_service_segments_kind CHECK (kind IN ('work', 'processing', 'finish', 'transition')),
    CONSTRAINT ck_service_segments_duration CHECK (duration_min BETWEEN 1 AND 1440)
);

CREATE UNIQUE INDEX ix_service_segments_tenant_id_service_id_position
    ON service_segments (tenant_id, service_id, position);

CREATE TABLE service_needs (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    service_id UUID NOT NULL,
    need INTEGER NOT NULL,
    resource_id UUID NOT NULL,
    CONSTRAINT pk_service_needs PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_service_needs_tenant_id_service_id_services
        FOREIGN KEY(tenant_id, service_id) REFERENCES services (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_service_needs_tenant_id_resource_id_resources
        FOREIGN KEY(tenant_id, resource_id) REFERENCES resources (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_service_needs_need CHECK (need BETWEEN 0 AND 9)
);

CREATE INDEX ix_service_needs_tenant_id_resource_id ON service_needs (tenant_id, resource_id);

CREATE UNIQUE INDEX ix_service_needs_tenant_id_service_id_need_resource_id
    ON service_needs (tenant_id, service_id, need, resource_id);

CREATE TABLE time_blocks (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    resource_id UUID NOT NULL,
    kind TEXT NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    reason TEXT,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_time_blocks PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_time_blocks_tenant_id_resource_id_resources
        FOREIGN KEY(tenant_id, resource_id) REFERENCES resources (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_time_blocks_kind CHECK (kind IN ('block', 'external')),
    CONSTRAINT ck_time_blocks_length CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '31 days')
);

CREATE INDEX ix_time_blocks_tenant_id_resource_id_starts_at ON time_blocks (tenant_id, resource_id, starts_at);

CREATE TABLE class_sessions (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    service_id UUID NOT NULL,
    team_member_id UUID NOT NULL,
    resource_id UUID NOT NULL,
    room_id UUID,
    location_id UUID NOT NULL,
    status TEXT DEFAULT 'scheduled' NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    local_start TIMESTAMP WITHOUT TIME ZONE NOT NULL,
    timezone TEXT NOT NULL,
    capacity INTEGER NOT NULL,
    online_capacity INTEGER NOT NULL,
    booked_seats INTEGER DEFAULT '0' NOT NULL,
    online_seats INTEGER DEFAULT '0' NOT NULL,
    price_cents BIGINT NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_class_sessions PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_class_sessions_tenant_id_service_id_services
        FOREIGN KEY(tenant_id, service_id) REFERENCES services (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_class_sessions_tenant_id_team_member_id_team_members
        FOREIGN KEY(tenant_id, team_member_id) REFERENCES team_members (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_class_sessions_tenant_id_resource_id_resources
        FOREIGN KEY(tenant_id, resource_id) REFERENCES resources (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_class_sessions_tenant_id_room_id_resources
        FOREIGN KEY(tenant_id, room_id) REFERENCES resources (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_class_sessions_tenant_id_location_id_locations
        FOREIGN KEY(tenant_id, location_id) REFERENCES locations (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_class_sessions_status CHECK (status IN ('scheduled', 'canceled')),
    CONSTRAINT ck_class_sessions_order CHECK (ends_at > starts_at),
    CONSTRAINT ck_class_sessions_capacity
        CHECK (capacity BETWEEN 1 AND 1000 AND online_capacity BETWEEN 0 AND capacity),
    CONSTRAINT ck_class_sessions_seats CHECK (booked_seats BETWEEN 0 AND capacity),
    CONSTRAINT ck_class_sessions_online_seats CHECK (online_seats BETWEEN 0 AND least(online_capacity, booked_seats)),
    CONSTRAINT ck_class_sessions_price CHECK (price_cents >= 0)
);

CREATE INDEX ix_class_sessions_tenant_id_location_id ON class_sessions (tenant_id, location_id);

CREATE INDEX ix_class_sessions_tenant_id_resource_id ON class_sessions (tenant_id, resource_id);

CREATE INDEX ix_class_sessions_tenant_id_room_id ON class_sessions (tenant_id, room_id);

CREATE INDEX ix_class_sessions_tenant_id_service_id_starts_at ON class_sessions (tenant_id, service_id, starts_at);

CREATE INDEX ix_class_sessions_tenant_id_starts_at_id ON class_sessions (tenant_id, starts_at, id);

CREATE INDEX ix_class_sessions_tenant_id_team_member_id ON class_sessions (tenant_id, team_member_id);

CREATE TABLE waitlist_entries (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    service_id UUID NOT NULL,
    team_member_id UUID,
    status TEXT DEFAULT 'waiting' NOT NULL,
    first_date DATE NOT NULL,
    last_date DATE NOT NULL,
    from_minute INTEGER DEFAULT '0' NOT NULL,
    until_minute INTEGER DEFAULT '1440' NOT NULL,
    accepts_late BOOLEAN DEFAULT 'false' NOT NULL,
    value_cents BIGINT DEFAULT '0' NOT NULL,
    offer_count INTEGER DEFAULT '0' NOT NULL,
    link_version INTEGER DEFAULT '1' NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_waitlist_entries PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_waitlist_entries_tenant_id_customer_id_customers
        FOREIGN KEY(tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_waitlist_entries_tenant_id_service_id_services
        FOREIGN KEY(tenant_id, service_id) REFERENCES services (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_waitlist_entries_tenant_id_team_member_id_team_members
        FOREIGN KEY(tenant_id, team_member_id) REFERENCES team_members (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_waitlist_entries_status CHECK (status IN ('waiting', 'offered', 'booked', 'left', 'expired')),
    CONSTRAINT ck_waitlist_entries_dates CHECK (last_date >= first_date AND last_date <= first_date + 92),
    CONSTRAINT ck_waitlist_entries_minutes CHECK (from_minute BETWEEN 0 AND 1439 AND until_minute BETWEEN 1 AND 1440),
    CONSTRAINT ck_waitlist_entries_order CHECK (until_minute > from_minute)
);

CREATE INDEX ix_waitlist_entries_tenant_id_customer_id ON waitlist_entries (tenant_id, customer_id);

CREATE INDEX ix_waitlist_entries_tenant_id_service_id_created_at
    ON waitlist_entries (tenant_id, service_id, created_at) WHERE status IN ('waiting', 'offered');

CREATE INDEX ix_waitlist_entries_tenant_id_team_member_id ON waitlist_entries (tenant_id, team_member_id);

CREATE TABLE booking_moves (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    booking_id UUID NOT NULL,
    moved_by TEXT NOT NULL,
    from_starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    to_starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    from_items JSONB NOT NULL,
    reason TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_booking_moves PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_booking_moves_tenant_id_booking_id_bookings
        FOREIGN KEY(tenant_id, booking_id) REFERENCES bookings (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_booking_moves_moved_by CHECK (moved_by IN ('customer', 'business'))
);

CREATE INDEX ix_booking_moves_tenant_id_booking_id_created_at ON booking_moves (tenant_id, booking_id, created_at);

CREATE TABLE waitlist_offers (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    entry_id UUID NOT NULL,
    hold_id UUID NOT NULL,
    team_member_id UUID NOT NULL,
    booking_id UUID,
    status TEXT DEFAULT 'open' NOT NULL,
    origin TEXT NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_waitlist_offers PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_waitlist_offers_tenant_id_entry_id_waitlist_entries
        FOREIGN KEY(tenant_id, entry_id) REFERENCES waitlist_entries (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_waitlist_offers_tenant_id_team_member_id_team_members
        FOREIGN KEY(tenant_id, team_member_id) REFERENCES team_members (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_waitlist_offers_tenant_id_booking_id_bookings
        FOREIGN KEY(tenant_id, booking_id) REFERENCES bookings (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_waitlist_offers_status CHECK (status IN ('open', 'accepted', 'declined', 'lapsed', 'withdrawn')),
    CONSTRAINT ck_waitlist_offers_origin CHECK (origin IN ('automatic', 'staff')),
    CONSTRAINT ck_waitlist_offers_order CHECK (ends_at > starts_at)
);

CREATE UNIQUE INDEX ix_waitlist_offers_open ON waitlist_offers (tenant_id, entry_id) WHERE status = 'open';

CREATE INDEX ix_waitlist_offers_tenant_id_booking_id ON waitlist_offers (tenant_id, booking_id);

CREATE INDEX ix_waitlist_offers_tenant_id_entry_id_created_at ON waitlist_offers (tenant_id, entry_id, created_at);

CREATE INDEX ix_waitlist_offers_tenant_id_hold_id ON waitlist_offers (tenant_id, hold_id);

CREATE INDEX ix_waitlist_offers_tenant_id_team_member_id ON waitlist_offers (tenant_id, team_member_id);
"""

CHANGES = """
ALTER TABLE tenants ADD COLUMN scheduling JSONB DEFAULT '{}'::jsonb NOT NULL;

ALTER TABLE resources ADD COLUMN location_id UUID, ADD COLUMN version INTEGER DEFAULT '1' NOT NULL,
    ADD COLUMN removed_at TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT fk_resources_tenant_id_location_id_locations FOREIGN KEY(tenant_id, location_id)
        REFERENCES locations (tenant_id, id) ON DELETE RESTRICT NOT VALID;

ALTER TABLE team_members ADD COLUMN max_visits_per_day INTEGER, ADD COLUMN max_visits_per_week INTEGER,
    ADD CONSTRAINT ck_team_members_caps CHECK (max_visits_per_day > 0 AND max_visits_per_week > 0) NOT VALID;

ALTER TABLE services ADD COLUMN kind TEXT DEFAULT 'appointment' NOT NULL,
    ADD COLUMN capacity INTEGER DEFAULT '1' NOT NULL, ADD COLUMN online_capacity INTEGER,
    ADD COLUMN requires_approval BOOLEAN DEFAULT 'false' NOT NULL,
    ADD COLUMN opens_processing BOOLEAN DEFAULT 'true' NOT NULL,
    ADD COLUMN min_notice_minutes INTEGER, ADD COLUMN max_advance_days INTEGER,
    ADD CONSTRAINT ck_services_kind CHECK (kind IN ('appointment', 'class')) NOT VALID,
    ADD CONSTRAINT ck_services_capacity CHECK (capacity BETWEEN 1 AND 1000) NOT VALID,
    ADD CONSTRAINT ck_services_online_capacity CHECK (online_capacity BETWEEN 0 AND capacity) NOT VALID,
    ADD CONSTRAINT ck_services_bounds CHECK (min_notice_minutes >= 0 AND max_advance_days > 0) NOT VALID;

ALTER TABLE service_staff ADD COLUMN duration_min INTEGER, ADD COLUMN price_cents BIGINT,
    ADD CONSTRAINT ck_service_staff_duration CHECK (duration_min BETWEEN 1 AND 1440) NOT VALID,
    ADD CONSTRAINT ck_service_staff_price CHECK (price_cents >= 0) NOT VALID;

-- squawk-ignore ban-drop-not-null
ALTER TABLE availability_rules ALTER COLUMN resource_id DROP NOT NULL, ADD COLUMN location_id UUID,
    ADD COLUMN kind TEXT DEFAULT 'open' NOT NULL,
    ADD CONSTRAINT ck_availability_rules_kind CHECK (kind IN ('open', 'break')) NOT VALID,
    ADD CONSTRAINT ck_availability_rules_subject
        CHECK (num_nonnulls(resource_id, location_id, service_id) > 0) NOT VALID,
    ADD CONSTRAINT fk_availability_rules_tenant_id_location_id_locations FOREIGN KEY(tenant_id, location_id)
        REFERENCES locations (tenant_id, id) ON DELETE RESTRICT NOT VALID;

ALTER TABLE availability_exceptions ADD COLUMN location_id UUID, ADD COLUMN repeats TEXT,
    ADD COLUMN repeats_until DATE,
    ADD CONSTRAINT ck_availability_exceptions_repeats CHECK (repeats IN ('weekly', 'yearly')) NOT VALID,
    ADD CONSTRAINT fk_availability_exceptions_tenant_id_location_id_locations FOREIGN KEY(tenant_id, location_id)
        REFERENCES locations (tenant_id, id) ON DELETE RESTRICT NOT VALID;

ALTER TABLE claims ADD COLUMN item_id UUID, ADD COLUMN soft BOOLEAN DEFAULT 'false' NOT NULL;

ALTER TABLE bookings ADD COLUMN series_id UUID, ADD COLUMN class_session_id UUID,
    ADD COLUMN awaits_approval BOOLEAN DEFAULT 'false' NOT NULL,
    ADD COLUMN local_start TIMESTAMP WITHOUT TIME ZONE, ADD COLUMN late_since TIMESTAMP WITH TIME ZONE,
    ADD COLUMN moved_count INTEGER DEFAULT '0' NOT NULL, ADD COLUMN bypassed JSONB DEFAULT '[]'::jsonb NOT NULL,
    ADD CONSTRAINT fk_bookings_tenant_id_series_id_booking_series FOREIGN KEY(tenant_id, series_id)
        REFERENCES booking_series (tenant_id, id) ON DELETE RESTRICT NOT VALID,
    ADD CONSTRAINT fk_bookings_tenant_id_class_session_id_class_sessions FOREIGN KEY(tenant_id, class_session_id)
        REFERENCES class_sessions (tenant_id, id) ON DELETE RESTRICT NOT VALID;

ALTER TABLE booking_items ADD COLUMN room_id UUID, ADD COLUMN status TEXT DEFAULT 'booked' NOT NULL,
    ADD CONSTRAINT ck_booking_items_status CHECK (status IN ('booked', 'canceled')) NOT VALID,
    ADD CONSTRAINT fk_booking_items_tenant_id_room_id_resources FOREIGN KEY(tenant_id, room_id)
        REFERENCES resources (tenant_id, id) ON DELETE RESTRICT NOT VALID;
"""

GUARD = """
-- squawk-ignore ban-drop-constraint
ALTER TABLE claims DROP CONSTRAINT claims_no_overlap;
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE claims ADD CONSTRAINT claims_no_overlap
    EXCLUDE USING gist (resource_id WITH =, lane WITH =, during WITH &&) WHERE ({condition});
"""

TENANT_TABLES = (
    "add_ons", "booking_moves", "booking_series", "class_sessions", "service_add_ons", "service_needs",
    "service_prerequisites", "service_segments", "time_blocks", "waitlist_entries", "waitlist_offers",
)  # fmt: skip
RIGHTS = {"booking_moves": "SELECT, INSERT"}
OWN_TENANT = "tenant_id = (SELECT current_tenant_id())"
BOUND = "tithi_app, tithi_worker, tithi_owner"
AUDITED = {
    "add_ons": (),
    "booking_series": (),
    "class_sessions": (),
    "service_add_ons": (),
    "service_needs": (),
    "service_prerequisites": (),
    "service_segments": (),
    "time_blocks": ("reason",),
    "waitlist_entries": (),
    "waitlist_offers": (),
}
ADDED_COLUMNS = {
    "booking_items": ("room_id", "status"),
    "bookings": (
        "series_id", "class_session_id", "awaits_approval", "local_start", "late_since", "moved_count", "bypassed",
    ),
    "claims": ("item_id", "soft"),
    "availability_exceptions": ("location_id", "repeats", "repeats_until"),
    "availability_rules": ("location_id", "kind"),
    "service_staff": ("duration_min", "price_cents"),
    "services": (
        "kind", "capacity", "online_capacity", "requires_approval", "opens_processing", "min_notice_minutes",
        "max_advance_days",
    ),
    "team_members": ("max_visits_per_day", "max_visits_per_week"),
    "resources": ("location_id", "version", "removed_at"),
    "tenants": ("scheduling",),
}  # fmt: skip


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.execute(TABLES)
    op.execute(CHANGES)
    op.execute(GUARD.format(condition="active AND NOT override AND NOT soft"))
    for table in TENANT_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        for action, condition in (
            ("SELECT", f"USING ({OWN_TENANT})"),
            ("INSERT", f"WITH CHECK ({OWN_TENANT})"),
            ("UPDATE", f"USING ({OWN_TENANT}) WITH CHECK ({OWN_TENANT})"),
            ("DELETE", f"USING ({OWN_TENANT})"),
        ):
            op.execute(f"CREATE POLICY tenant_{action.lower()} ON {table} FOR {action} TO {BOUND} {condition}")
        rights = RIGHTS.get(table, "SELECT, INSERT, UPDATE, DELETE")
        op.execute(f"GRANT {rights} ON {table} TO tithi_app, tithi_worker")
    for table, masked in AUDITED.items():
        arguments = ", ".join(f"'{column}'" for column in masked)
        op.execute(
            f"CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION audit_row({arguments})"
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(GUARD.format(condition="active AND NOT override"))
    for table, columns in ADDED_COLUMNS.items():
        dropped = ", ".join(f"DROP COLUMN {column} CASCADE" for column in columns)
        op.execute(f"ALTER TABLE {table} {dropped}")
    op.execute(f"DROP TABLE {', '.join(TENANT_TABLES)}")
    op.execute("ALTER TABLE availability_rules ALTER COLUMN resource_id SET NOT NULL")

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Foundation: the first tables, their policies, grants and functions.

Imports nothing of the application.
"""

from alembic import op

revision = "20261121_foundation"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE audit_logs (
    tenant_id UUID NOT NULL,
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    table_name TEXT NOT NULL,
    row_id TEXT NOT NULL,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    request_id TEXT NOT NULL,
    old_values JSONB,
    new_values JSONB,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_audit_logs PRIMARY KEY (tenant_id, id),
    CONSTRAINT ck_audit_logs_action CHECK (action IN ('INSERT', 'UPDATE', 'DELETE'))
);

CREATE INDEX ix_audit_logs_tenant_id_at ON audit_logs (tenant_id, at);

CREATE INDEX ix_audit_logs_tenant_id_table_name_row_id_at ON audit_logs (tenant_id, table_name, row_id, at);

CREATE TABLE customers (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    display_name TEXT NOT NULL,
    email TEXT,
    email_normalized TEXT,
    phone TEXT,
    marketing_opt_in BOOLEAN DEFAULT 'false' NOT NULL,
    notes TEXT,
    tags JSONB NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_customers PRIMARY KEY (tenant_id, id)
);

CREATE INDEX ix_customers_tenant_id_created_at_id ON customers (tenant_id, created_at, id);

CREATE UNIQUE INDEX ix_customers_tenant_id_email_normalized ON customers (tenant_id, email_normalized)
    WHERE email_normalized IS NOT NULL;

CREATE TABLE event_outbox (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    payload JSONB NOT NULL,
    aggregate_id UUID NOT NULL,
    actor TEXT NOT NULL,
    request_id TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_event_outbox PRIMARY KEY (tenant_id, id)
);

CREATE TABLE idempotency_keys (
    tenant_id UUID NOT NULL,
    actor TEXT NOT NULL,
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER,
    body BYTEA,
    leased_until TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (tenant_id, actor, route, key)
);

CREATE INDEX ix_idempotency_keys_tenant_id_created_at ON idempotency_keys (tenant_id, created_at);

CREATE TABLE messages (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,
    template TEXT NOT NULL,
    subject_id UUID,
    to_address TEXT NOT NULL,
    from_name TEXT NOT NULL,
    reply_to TEXT,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    html TEXT NOT NULL,
    attachments JSONB NOT NULL,
    dedupe_key TEXT NOT NULL,
    status TEXT DEFAULT 'queued' NOT NULL,
    provider TEXT,
    provider_ref TEXT,
    failure TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_messages PRIMARY KEY (tenant_id, id),
    CONSTRAINT ck_messages_channel CHECK (channel IN ('email', 'sms')),
    CONSTRAINT ck_messages_recipient CHECK (recipient IN ('customer', 'business')),
    CONSTRAINT ck_messages_status CHECK (status IN ('queued', 'sending', 'sent', 'failed', 'unknown'))
);

CREATE INDEX ix_messages_tenant_id_created_at_id ON messages (tenant_id, created_at, id);

CREATE UNIQUE INDEX ix_messages_tenant_id_dedupe_key ON messages (tenant_id, dedupe_key);

CREATE INDEX ix_messages_tenant_id_subject_id ON messages (tenant_id, subject_id);

CREATE TABLE payout_accounts (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    account_ref TEXT,
    card_payments TEXT DEFAULT 'inactive' NOT NULL,
    payouts TEXT DEFAULT 'inactive' NOT NULL,
    details_submitted BOOLEAN DEFAULT 'false' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    refreshed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_payout_accounts PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX ix_payout_accounts_account_ref ON payout_accounts (account_ref);

CREATE UNIQUE INDEX ix_payout_accounts_tenant_id ON payout_accounts (tenant_id);

CREATE TABLE platform_audit (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    table_name TEXT NOT NULL,
    row_id TEXT NOT NULL,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    request_id TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_platform_audit PRIMARY KEY (id),
    CONSTRAINT ck_platform_audit_action CHECK (action IN ('INSERT', 'UPDATE', 'DELETE'))
);

CREATE TABLE platform_idempotency (
    actor TEXT NOT NULL,
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER,
    body BYTEA,
    leased_until TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_platform_idempotency PRIMARY KEY (actor, route, key)
);

CREATE INDEX ix_platform_idempotency_created_at ON platform_idempotency (created_at);

CREATE TABLE resources (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    capacity INTEGER DEFAULT '1' NOT NULL,
    is_active BOOLEAN DEFAULT 'true' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_resources PRIMARY KEY (tenant_id, id),
    CONSTRAINT ck_resources_kind CHECK (kind IN ('staff', 'room', 'equipment')),
    CONSTRAINT ck_resources_capacity CHECK (capacity BETWEEN 1 AND 100)
);

CREATE TABLE service_categories (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    color TEXT,
    sort_order INTEGER DEFAULT '0' NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_service_categories PRIMARY KEY (tenant_id, id)
);

CREATE TABLE tenants (
    id UUID NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT,
    legal_name TEXT,
    category TEXT,
    description TEXT,
    country TEXT NOT NULL,
    currency TEXT NOT NULL,
    status TEXT DEFAULT 'onboarding' NOT NULL,
    policy JSONB NOT NULL,
    policy_version INTEGER DEFAULT '1' NOT NULL,
    slot_interval_minutes INTEGER DEFAULT '15' NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_tenants PRIMARY KEY (id),
    CONSTRAINT ck_tenants_status CHECK (status IN ('onboarding', 'ready', 'active', 'paused', 'closed')),
    CONSTRAINT ck_tenants_slug CHECK (slug ~ '^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$'),
    CONSTRAINT ck_tenants_currency CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT uq_tenants_slug UNIQUE (slug)
);

CREATE TABLE timers (
    tenant_id UUID NOT NULL,
    kind TEXT NOT NULL,
    owner_id UUID NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    fence INTEGER DEFAULT '0' NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    CONSTRAINT pk_timers PRIMARY KEY (tenant_id, kind, owner_id)
);

CREATE INDEX ix_timers_due_at ON timers (due_at);

CREATE TABLE users (
    id UUID NOT NULL,
    email TEXT NOT NULL,
    email_normalized TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_email_normalized UNIQUE (email_normalized)
);

CREATE TABLE webhook_inbox (
    id UUID NOT NULL,
    endpoint TEXT NOT NULL,
    event_id TEXT NOT NULL,
    body BYTEA NOT NULL,
    headers JSONB NOT NULL,
    summary JSONB NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    available_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_error TEXT,
    CONSTRAINT pk_webhook_inbox PRIMARY KEY (id),
    CONSTRAINT uq_webhook_inbox_endpoint_event_id UNIQUE (endpoint, event_id),
    CONSTRAINT ck_webhook_inbox_state CHECK (state IN ('open', 'done', 'dead'))
);

CREATE INDEX ix_webhook_inbox_due ON webhook_inbox (available_at) WHERE state = 'open';

CREATE TABLE auth_sessions (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    chosen_tenant_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_auth_sessions PRIMARY KEY (id),
    CONSTRAINT fk_auth_sessions_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE INDEX ix_auth_sessions_user_id ON auth_sessions (user_id);

CREATE TABLE availability_exceptions (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    resource_id UUID,
    kind TEXT NOT NULL,
    starts_local TIMESTAMP WITHOUT TIME ZONE NOT NULL,
    ends_local TIMESTAMP WITHOUT TIME ZONE NOT NULL,
    reason TEXT,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_availability_exceptions PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_availability_exceptions_tenant_id_resource_id_resources FOREIGN KEY(tenant_id,
        resource_id) REFERENCES resources (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_availability_exceptions_kind CHECK (kind IN ('closed', 'open')),
    CONSTRAINT ck_availability_exceptions_order CHECK (ends_local > starts_local)
);

CREATE INDEX ix_availability_exceptions_tenant_id_resource_id ON availability_exceptions (tenant_id, resource_id);

CREATE INDEX ix_availability_exceptions_tenant_id_starts_local ON availability_exceptions (tenant_id, starts_local);

CREATE TABLE card_setups (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    owner_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    account_ref TEXT NOT NULL,
    given_method_ref TEXT,
    setup_ref TEXT,
    status TEXT DEFAULT 'submitted' NOT NULL,
    decline_code TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_card_setups PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_card_setups_tenant_id_customer_id_customers FOREIGN KEY(tenant_id, customer_id)
        REFERENCES customers (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_card_setups_status CHECK (status IN ('submitted', 'card_pending', 'card_on_file', 'card_failed'))
);

CREATE INDEX ix_card_setups_tenant_id_customer_id ON card_setups (tenant_id, customer_id);

CREATE INDEX ix_card_setups_tenant_id_owner_id_created_at ON card_setups (tenant_id, owner_id, created_at);

CREATE INDEX ix_card_setups_tenant_id_setup_ref ON card_setups (tenant_id, setup_ref);

CREATE TABLE cards (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    account_ref TEXT NOT NULL,
    customer_ref TEXT NOT NULL,
    method_ref TEXT NOT NULL,
    brand TEXT NOT NULL,
    last4 TEXT NOT NULL,
    exp_month INTEGER NOT NULL,
    exp_year INTEGER NOT NULL,
    status TEXT DEFAULT 'card_on_file' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_cards PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_cards_tenant_id_customer_id_customers FOREIGN KEY(tenant_id, customer_id)
        REFERENCES customers (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_cards_status CHECK (status IN ('card_on_file', 'detached'))
);

CREATE UNIQUE INDEX ix_cards_tenant_id_account_ref_customer_ref_method_ref ON cards (tenant_id, account_ref,
    customer_ref, method_ref);

CREATE INDEX ix_cards_tenant_id_customer_id_created_at ON cards (tenant_id, customer_id, created_at);

CREATE TABLE claims (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    resource_id UUID NOT NULL,
    lane INTEGER NOT NULL,
    during TSTZRANGE GENERATED ALWAYS AS (tstzrange(starts_at, ends_at)) STORED NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    kind TEXT NOT NULL,
    owner_id UUID NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    active BOOLEAN DEFAULT 'true' NOT NULL,
    override BOOLEAN DEFAULT 'false' NOT NULL,
    override_reason TEXT,
    override_by UUID,
    CONSTRAINT pk_claims PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_claims_tenant_id_resource_id_resources FOREIGN KEY(tenant_id, resource_id)
        REFERENCES resources (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT claims_no_overlap EXCLUDE USING gist (resource_id WITH =, lane WITH =, during WITH &&)
        WHERE (active AND NOT override),
    CONSTRAINT ck_claims_kind CHECK (kind IN ('booking', 'hold', 'block', 'class', 'external')),
    CONSTRAINT ck_claims_length CHECK (ends_at > starts_at AND ends_at <= starts_at + interval '48 hours'),
    CONSTRAINT ck_claims_lane CHECK (lane BETWEEN 0 AND 99)
);

CREATE INDEX ix_claims_live ON claims (tenant_id, resource_id, starts_at) INCLUDE (ends_at, lane,
    expires_at) WHERE active;

CREATE INDEX ix_claims_tenant_id_owner_id ON claims (tenant_id, owner_id);

CREATE TABLE customer_stats (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    visit_count INTEGER DEFAULT '0' NOT NULL,
    no_show_count INTEGER DEFAULT '0' NOT NULL,
    cancel_count INTEGER DEFAULT '0' NOT NULL,
    spent_cents BIGINT DEFAULT '0' NOT NULL,
    first_visit_at TIMESTAMP WITH TIME ZONE,
    last_visit_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_customer_stats PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_customer_stats_tenant_id_id_customers FOREIGN KEY(tenant_id, id)
        REFERENCES customers (tenant_id, id) ON DELETE RESTRICT
);

CREATE TABLE deliveries (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    event_id UUID NOT NULL,
    handler TEXT NOT NULL,
    network BOOLEAN NOT NULL,
    aggregate_id UUID NOT NULL,
    state TEXT DEFAULT 'available' NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    fence INTEGER DEFAULT '0' NOT NULL,
    available_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_error TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_deliveries PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_deliveries_tenant_id_event_id_event_outbox FOREIGN KEY(tenant_id, event_id)
        REFERENCES event_outbox (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_deliveries_state CHECK (state IN ('available', 'running', 'retryable', 'discarded', 'done'))
);

CREATE INDEX ix_deliveries_discarded ON deliveries (tenant_id, created_at) WHERE state = 'discarded';

CREATE INDEX ix_deliveries_done ON deliveries (done_at) WHERE state = 'done';

CREATE INDEX ix_deliveries_due ON deliveries (available_at, seq) WHERE state IN ('available', 'running',
    'retryable');

CREATE INDEX ix_deliveries_event ON deliveries (tenant_id, event_id);

CREATE INDEX ix_deliveries_order ON deliveries (tenant_id, handler, aggregate_id, seq)
    WHERE state IN ('available', 'running', 'retryable');

CREATE TABLE locations (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    timezone TEXT NOT NULL,
    address JSONB NOT NULL,
    phone TEXT,
    is_active BOOLEAN DEFAULT 'true' NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_locations PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_locations_tenant_id_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT
);

CREATE INDEX ix_locations_tenant_id_created_at ON locations (tenant_id, created_at);

CREATE TABLE memberships (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    role TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_memberships PRIMARY KEY (tenant_id, id),
    CONSTRAINT ck_memberships_role CHECK (role IN ('viewer', 'staff', 'admin', 'owner')),
    CONSTRAINT fk_memberships_tenant_id_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT,
    CONSTRAINT fk_memberships_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE UNIQUE INDEX ix_memberships_tenant_id_user_id ON memberships (tenant_id, user_id);

CREATE INDEX ix_memberships_user_id ON memberships (user_id);

CREATE TABLE paying_customers (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    account_ref TEXT NOT NULL,
    customer_ref TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_paying_customers PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_paying_customers_tenant_id_id_customers FOREIGN KEY(tenant_id, id)
        REFERENCES customers (tenant_id, id) ON DELETE RESTRICT
);

CREATE TABLE payments (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    owner_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    purpose TEXT NOT NULL,
    reason TEXT,
    status TEXT DEFAULT 'open' NOT NULL,
    method TEXT DEFAULT 'card' NOT NULL,
    currency TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    captured_cents BIGINT DEFAULT '0' NOT NULL,
    refunded_cents BIGINT DEFAULT '0' NOT NULL,
    application_fee_cents BIGINT DEFAULT '0' NOT NULL,
    note TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_payments PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_payments_tenant_id_customer_id_customers FOREIGN KEY(tenant_id, customer_id)
        REFERENCES customers (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_payments_purpose CHECK (purpose IN ('outcome', 'deposit', 'tip', 'balance')),
    CONSTRAINT ck_payments_reason CHECK (reason IN ('completion', 'no_show', 'late_cancel')),
    CONSTRAINT ck_payments_status CHECK (status IN ('open', 'authorized', 'capture_submitted', 'succeeded',
        'needs_customer', 'declined_retryable', 'declined_final', 'unknown', 'settled_elsewhere', 'waived',
            'written_off', 'canceled')),
    CONSTRAINT ck_payments_method CHECK (method IN ('card', 'cash', 'other')),
    CONSTRAINT ck_payments_amount CHECK (amount_cents >= 0),
    CONSTRAINT ck_payments_refunded CHECK (refunded_cents BETWEEN 0 AND captured_cents)
);

CREATE INDEX ix_payments_tenant_id_customer_id ON payments (tenant_id, customer_id);

CREATE UNIQUE INDEX ix_payments_tenant_id_owner_id_purpose ON payments (tenant_id, owner_id, purpose);

CREATE TABLE services (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    category_id UUID,
    name TEXT NOT NULL,
    description TEXT,
    short_description TEXT,
    instructions TEXT,
    image_url TEXT,
    duration_min INTEGER NOT NULL,
    buffer_before_min INTEGER DEFAULT '0' NOT NULL,
    buffer_after_min INTEGER DEFAULT '0' NOT NULL,
    slot_interval_min INTEGER,
    price_cents BIGINT NOT NULL,
    is_featured BOOLEAN DEFAULT 'false' NOT NULL,
    sort_order INTEGER DEFAULT '0' NOT NULL,
    active BOOLEAN DEFAULT 'true' NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_services PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_services_tenant_id_category_id_service_categories FOREIGN KEY(tenant_id,
        category_id) REFERENCES service_categories (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_services_duration CHECK (duration_min BETWEEN 1 AND 1440),
    CONSTRAINT ck_services_price CHECK (price_cents >= 0),
    CONSTRAINT ck_services_buffers CHECK (buffer_before_min BETWEEN 0 AND 480
        AND buffer_after_min BETWEEN 0 AND 480)
);

CREATE INDEX ix_services_tenant_id_category_id ON services (tenant_id, category_id);

CREATE TABLE user_credentials (
    user_id UUID NOT NULL,
    password_hash TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_user_credentials PRIMARY KEY (user_id),
    CONSTRAINT fk_user_credentials_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE TABLE availability_rules (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    resource_id UUID NOT NULL,
    service_id UUID,
    weekday INTEGER NOT NULL,
    start_minute INTEGER NOT NULL,
    end_minute INTEGER NOT NULL,
    valid_from DATE,
    valid_to DATE,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_availability_rules PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_availability_rules_tenant_id_resource_id_resources FOREIGN KEY(tenant_id,
        resource_id) REFERENCES resources (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_availability_rules_tenant_id_service_id_services FOREIGN KEY(tenant_id,
        service_id) REFERENCES services (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_availability_rules_weekday CHECK (weekday BETWEEN 1 AND 7),
    CONSTRAINT ck_availability_rules_minutes CHECK (start_minute BETWEEN 0 AND 1439
        AND end_minute BETWEEN 1 AND 2880),
    CONSTRAINT ck_availability_rules_order CHECK (end_minute > start_minute)
);

CREATE INDEX ix_availability_rules_tenant_id_resource_id_weekday ON availability_rules (tenant_id, resource_id,
    weekday);

CREATE INDEX ix_availability_rules_tenant_id_service_id ON availability_rules (tenant_id, service_id);

CREATE TABLE bookings (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    confirmation_number TEXT NOT NULL,
    customer_id UUID NOT NULL,
    location_id UUID NOT NULL,
    status TEXT NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    timezone TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    policy_snapshot JSONB NOT NULL,
    consent JSONB,
    special_requests TEXT,
    source TEXT NOT NULL,
    attendee_count INTEGER DEFAULT '1' NOT NULL,
    link_version INTEGER DEFAULT '1' NOT NULL,
    canceled_by TEXT,
    cancel_reason TEXT,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    checked_in_at TIMESTAMP WITH TIME ZONE,
    completed_at TIMESTAMP WITH TIME ZONE,
    no_show_at TIMESTAMP WITH TIME ZONE,
    canceled_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_bookings PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_bookings_tenant_id_customer_id_customers FOREIGN KEY(tenant_id, customer_id)
        REFERENCES customers (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_bookings_tenant_id_location_id_locations FOREIGN KEY(tenant_id, location_id)
        REFERENCES locations (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_bookings_status CHECK (status IN ('pending', 'confirmed', 'checked_in', 'completed',
        'no_show', 'canceled', 'failed')),
    CONSTRAINT ck_bookings_canceled_by CHECK (canceled_by IN ('customer', 'business')),
    CONSTRAINT ck_bookings_source CHECK (source IN ('public', 'staff')),
    CONSTRAINT ck_bookings_order CHECK (ends_at > starts_at)
);

CREATE UNIQUE INDEX ix_bookings_tenant_id_confirmation_number ON bookings (tenant_id, confirmation_number);

CREATE INDEX ix_bookings_tenant_id_customer_id_starts_at ON bookings (tenant_id, customer_id, starts_at);

CREATE INDEX ix_bookings_tenant_id_location_id ON bookings (tenant_id, location_id);

CREATE INDEX ix_bookings_tenant_id_starts_at_id ON bookings (tenant_id, starts_at, id);

CREATE TABLE payment_attempts (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    payment_id UUID NOT NULL,
    account_ref TEXT NOT NULL,
    customer_ref TEXT NOT NULL,
    method_ref TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    application_fee_cents BIGINT NOT NULL,
    status TEXT DEFAULT 'submitted' NOT NULL,
    intent_ref TEXT,
    charge_ref TEXT,
    decline_code TEXT,
    capture_before TIMESTAMP WITH TIME ZONE,
    submitted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_payment_attempts PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_payment_attempts_tenant_id_payment_id_payments FOREIGN KEY(tenant_id, payment_id)
        REFERENCES payments (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_payment_attempts_status CHECK (status IN ('created', 'submitted', 'authorized',
        'capture_submitted', 'succeeded', 'needs_customer', 'declined_retryable', 'declined_final', 'unknown',
            'settled_elsewhere', 'canceled'))
);

CREATE INDEX ix_payment_attempts_tenant_id_intent_ref ON payment_attempts (tenant_id, intent_ref);

CREATE INDEX ix_payment_attempts_tenant_id_payment_id_created_at ON payment_attempts (tenant_id, payment_id,
    created_at);

CREATE UNIQUE INDEX uq_payment_attempts_live ON payment_attempts (tenant_id, payment_id)
    WHERE status IN ('created', 'submitted', 'authorized', 'capture_submitted', 'needs_customer', 'unknown');

CREATE TABLE refresh_tokens (
    id UUID NOT NULL,
    session_id UUID NOT NULL,
    user_id UUID NOT NULL,
    secret_hash TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_refresh_tokens PRIMARY KEY (id),
    CONSTRAINT fk_refresh_tokens_session_id_auth_sessions FOREIGN KEY(session_id)
        REFERENCES auth_sessions (id) ON DELETE RESTRICT,
    CONSTRAINT fk_refresh_tokens_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE INDEX ix_refresh_tokens_session_id ON refresh_tokens (session_id);

CREATE INDEX ix_refresh_tokens_user_id ON refresh_tokens (user_id);

CREATE TABLE refunds (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    payment_id UUID NOT NULL,
    amount_cents BIGINT NOT NULL,
    refund_type TEXT NOT NULL,
    reason TEXT,
    status TEXT DEFAULT 'submitted' NOT NULL,
    refund_ref TEXT,
    failure_reason TEXT,
    submitted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_refunds PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_refunds_tenant_id_payment_id_payments FOREIGN KEY(tenant_id, payment_id)
        REFERENCES payments (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_refunds_refund_type CHECK (refund_type IN ('full', 'partial', 'no_show_fee_only')),
    CONSTRAINT ck_refunds_status CHECK (status IN ('submitted', 'pending', 'succeeded', 'failed',
        'needs_action', 'unknown')),
    CONSTRAINT ck_refunds_amount CHECK (amount_cents > 0)
);

CREATE INDEX ix_refunds_tenant_id_payment_id ON refunds (tenant_id, payment_id);

CREATE INDEX ix_refunds_tenant_id_refund_ref ON refunds (tenant_id, refund_ref);

CREATE TABLE team_members (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    resource_id UUID NOT NULL,
    location_id UUID NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    email TEXT,
    phone TEXT,
    role TEXT DEFAULT 'staff' NOT NULL,
    bio TEXT,
    specialties JSONB NOT NULL,
    is_active BOOLEAN DEFAULT 'true' NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    removed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_team_members PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_team_members_tenant_id_resource_id_resources FOREIGN KEY(tenant_id, resource_id)
        REFERENCES resources (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_team_members_tenant_id_location_id_locations FOREIGN KEY(tenant_id, location_id)
        REFERENCES locations (tenant_id, id) ON DELETE RESTRICT
);

CREATE INDEX ix_team_members_tenant_id_location_id ON team_members (tenant_id, location_id);

CREATE UNIQUE INDEX ix_team_members_tenant_id_resource_id ON team_members (tenant_id, resource_id);

CREATE TABLE booking_items (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    booking_id UUID NOT NULL,
    position INTEGER NOT NULL,
    service_id UUID NOT NULL,
    team_member_id UUID NOT NULL,
    resource_id UUID NOT NULL,
    service_snapshot JSONB NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    price_cents BIGINT NOT NULL,
    CONSTRAINT pk_booking_items PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_booking_items_tenant_id_booking_id_bookings FOREIGN KEY(tenant_id, booking_id)
        REFERENCES bookings (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_booking_items_tenant_id_service_id_services FOREIGN KEY(tenant_id, service_id)
        REFERENCES services (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_booking_items_tenant_id_team_member_id_team_members FOREIGN KEY(tenant_id,
        team_member_id) REFERENCES team_members (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_booking_items_tenant_id_resource_id_resources FOREIGN KEY(tenant_id, resource_id)
        REFERENCES resources (tenant_id, id) ON DELETE RESTRICT
);

CREATE UNIQUE INDEX ix_booking_items_tenant_id_booking_id_position ON booking_items (tenant_id, booking_id,
    position);

CREATE INDEX ix_booking_items_tenant_id_resource_id ON booking_items (tenant_id, resource_id);

CREATE INDEX ix_booking_items_tenant_id_service_id ON booking_items (tenant_id, service_id);

CREATE INDEX ix_booking_items_tenant_id_team_member_id ON booking_items (tenant_id, team_member_id);

CREATE TABLE service_staff (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    service_id UUID NOT NULL,
    team_member_id UUID NOT NULL,
    CONSTRAINT pk_service_staff PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_service_staff_tenant_id_service_id_services FOREIGN KEY(tenant_id, service_id)
        REFERENCES services (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_service_staff_tenant_id_team_member_id_team_members FOREIGN KEY(tenant_id,
        team_member_id) REFERENCES team_members (tenant_id, id) ON DELETE RESTRICT
);

CREATE UNIQUE INDEX ix_service_staff_tenant_id_service_id_team_member_id ON service_staff (tenant_id,
    service_id, team_member_id);

CREATE INDEX ix_service_staff_tenant_id_team_member_id ON service_staff (tenant_id, team_member_id);
"""

FUNCTIONS = """
CREATE FUNCTION current_tenant_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path = pg_catalog
    RETURN nullif(current_setting('app.tenant_id', true), '')::uuid;

CREATE FUNCTION current_user_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path = pg_catalog
    RETURN nullif(current_setting('app.user_id', true), '')::uuid;

CREATE FUNCTION current_actor() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path = pg_catalog
    RETURN nullif(current_setting('app.actor', true), '');
"""

TENANT_TABLES = (
    "audit_logs", "availability_exceptions", "availability_rules", "booking_items", "bookings", "card_setups", "cards",
    "claims", "customer_stats", "customers", "deliveries", "event_outbox", "idempotency_keys", "locations",
    "memberships", "messages", "paying_customers", "payment_attempts", "payments", "payout_accounts", "refunds",
    "resources", "service_categories", "service_staff", "services", "team_members", "timers",
)  # fmt: skip
WORKERS_QUEUES = ("deliveries", "event_outbox", "timers")
# The trail and the facts are never rewritten; of the queues' rows only what their handling changes.
RIGHTS = {
    "audit_logs": "SELECT",
    "event_outbox": "SELECT, INSERT, DELETE",
    "deliveries": "SELECT, INSERT, DELETE,"
    " UPDATE (state, attempts, fence, available_at, last_error, created_at, done_at)",
    "timers": "SELECT, INSERT, DELETE, UPDATE (due_at, fence, attempts)",
}
OWN_TENANT = "tenant_id = (SELECT current_tenant_id())"
NO_TENANT_OR_OWN = "((SELECT current_tenant_id()) IS NULL OR tenant_id = (SELECT current_tenant_id()))"
OWN_USER = "user_id = (SELECT current_user_id())"
BOUND = "tithi_app, tithi_worker, tithi_owner"

USERS_TABLES = {"users": "id", "user_credentials": "user_id", "auth_sessions": "user_id", "refresh_tokens": "user_id"}

PLATFORM_POLICIES = """
CREATE POLICY tenants_select ON tenants FOR SELECT TO tithi_app, tithi_worker, tithi_owner
    USING (id = (SELECT current_tenant_id()));
CREATE POLICY tenants_insert ON tenants FOR INSERT TO tithi_app, tithi_worker, tithi_owner
    WITH CHECK (id = (SELECT current_tenant_id()));
CREATE POLICY tenants_update ON tenants FOR UPDATE TO tithi_app, tithi_worker, tithi_owner
    USING (id = (SELECT current_tenant_id())) WITH CHECK (id = (SELECT current_tenant_id()));
GRANT SELECT, INSERT, UPDATE ON tenants TO tithi_app, tithi_worker;

CREATE POLICY webhook_inbox_insert ON webhook_inbox FOR INSERT TO tithi_app
    WITH CHECK (state = 'open' AND attempts = 0);
CREATE POLICY webhook_inbox_select ON webhook_inbox FOR SELECT TO tithi_worker
    USING ((SELECT current_tenant_id()) IS NULL);
CREATE POLICY webhook_inbox_update ON webhook_inbox FOR UPDATE TO tithi_worker
    USING ((SELECT current_tenant_id()) IS NULL) WITH CHECK ((SELECT current_tenant_id()) IS NULL);
CREATE POLICY webhook_inbox_delete ON webhook_inbox FOR DELETE TO tithi_worker
    USING ((SELECT current_tenant_id()) IS NULL);
GRANT INSERT ON webhook_inbox TO tithi_app;
GRANT SELECT, UPDATE, DELETE ON webhook_inbox TO tithi_worker;

CREATE POLICY platform_idempotency_select ON platform_idempotency FOR SELECT TO tithi_app
    USING (actor = (SELECT current_actor()));
CREATE POLICY platform_idempotency_insert ON platform_idempotency FOR INSERT TO tithi_app
    WITH CHECK (actor = (SELECT current_actor()));
CREATE POLICY platform_idempotency_update ON platform_idempotency FOR UPDATE TO tithi_app
    USING (actor = (SELECT current_actor())) WITH CHECK (actor = (SELECT current_actor()));
CREATE POLICY platform_idempotency_delete ON platform_idempotency FOR DELETE TO tithi_app
    USING (actor = (SELECT current_actor()));
GRANT SELECT, INSERT, UPDATE, DELETE ON platform_idempotency TO tithi_app;

CREATE POLICY platform_audit_insert ON platform_audit FOR INSERT TO tithi_owner WITH CHECK (actor IS NOT NULL);

CREATE POLICY tenants_directory ON tenants FOR SELECT TO tithi_directory USING (status IS NOT NULL);
CREATE POLICY memberships_directory ON memberships FOR SELECT TO tithi_directory USING (role IS NOT NULL);
CREATE POLICY users_directory ON users FOR SELECT TO tithi_directory USING (email IS NOT NULL);
CREATE POLICY user_credentials_directory ON user_credentials FOR SELECT TO tithi_directory
    USING (password_hash IS NOT NULL);
CREATE POLICY payout_accounts_directory ON payout_accounts FOR SELECT TO tithi_directory
    USING (account_ref IS NOT NULL);
GRANT SELECT (id, slug, name, status) ON tenants TO tithi_directory;
GRANT SELECT (tenant_id, user_id, role) ON memberships TO tithi_directory;
GRANT SELECT (id, email, email_normalized) ON users TO tithi_directory;
GRANT SELECT (user_id, password_hash) ON user_credentials TO tithi_directory;
GRANT SELECT (tenant_id, account_ref) ON payout_accounts TO tithi_directory;
GRANT EXECUTE ON FUNCTION current_user_id() TO tithi_directory;
"""

DIRECTORY = """
CREATE FUNCTION directory_tenant_by_slug(wanted text) RETURNS TABLE (id uuid, slug text, status text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
    BEGIN ATOMIC SELECT t.id, t.slug, t.status FROM public.tenants t WHERE t.slug = wanted; END;

CREATE FUNCTION directory_tenant_by_id(wanted uuid) RETURNS TABLE (id uuid, slug text, status text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
    BEGIN ATOMIC SELECT t.id, t.slug, t.status FROM public.tenants t WHERE t.id = wanted; END;

CREATE FUNCTION directory_tenant_by_account(wanted text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
    BEGIN ATOMIC SELECT a.tenant_id FROM public.payout_accounts a WHERE a.account_ref = wanted; END;

CREATE FUNCTION directory_credentials(wanted text) RETURNS TABLE (user_id uuid, email text, password_hash text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
    BEGIN ATOMIC
        SELECT u.id, u.email, c.password_hash FROM public.users u
        JOIN public.user_credentials c ON c.user_id = u.id WHERE u.email_normalized = wanted;
    END;

CREATE FUNCTION directory_tenants_of_current_user()
    RETURNS TABLE (id uuid, slug text, name text, status text, role text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
    BEGIN ATOMIC
        SELECT t.id, t.slug, t.name, t.status, m.role FROM public.memberships m
        JOIN public.tenants t ON t.id = m.tenant_id WHERE m.user_id = public.current_user_id();
    END;
"""
DIRECTORY_FUNCTIONS = (
    "directory_tenant_by_slug(text)", "directory_tenant_by_id(uuid)", "directory_tenant_by_account(text)",
    "directory_credentials(text)", "directory_tenants_of_current_user()",
)  # fmt: skip

AUDIT = """
CREATE FUNCTION audit_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $body$
DECLARE
    before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    masked text[] := TG_ARGV;
    shown_before jsonb := before;
    shown_after jsonb := after;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(b.key, b.value), jsonb_object_agg(b.key, after -> b.key)
        INTO shown_before, shown_after
        FROM jsonb_each(before) b WHERE b.value IS DISTINCT FROM after -> b.key;
        IF shown_after IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;
    SELECT jsonb_object_agg(v.key, CASE WHEN v.key = ANY (masked) AND v.value <> 'null' THEN '"***"' ELSE v.value END)
    INTO shown_before FROM jsonb_each(shown_before) v;
    SELECT jsonb_object_agg(v.key, CASE WHEN v.key = ANY (masked) AND v.value <> 'null' THEN '"***"' ELSE v.value END)
    INTO shown_after FROM jsonb_each(shown_after) v;
    INSERT INTO public.audit_logs (tenant_id, table_name, row_id, action, actor, request_id, old_values, new_values)
    VALUES (
        coalesce(after ->> 'tenant_id', before ->> 'tenant_id', after ->> 'id', before ->> 'id')::uuid,
        TG_TABLE_NAME, coalesce(after ->> 'id', before ->> 'id'), TG_OP,
        coalesce(nullif(current_setting('app.actor', true), ''), session_user::text),
        coalesce(current_setting('app.request_id', true), ''), shown_before, shown_after);
    RETURN NULL;
END
$body$;

CREATE FUNCTION audit_platform_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $body$
BEGIN
    INSERT INTO public.platform_audit (table_name, row_id, action, actor, request_id)
    VALUES (
        TG_TABLE_NAME, coalesce(to_jsonb(NEW) ->> 'id', to_jsonb(NEW) ->> 'user_id'), TG_OP,
        coalesce(nullif(current_setting('app.actor', true), ''), session_user::text),
        coalesce(current_setting('app.request_id', true), ''));
    RETURN NULL;
END
$body$;

REVOKE EXECUTE ON FUNCTION audit_row(), audit_platform_row() FROM PUBLIC;
"""

AUDITED = {
    "availability_exceptions": (),
    "availability_rules": (),
    "bookings": ("special_requests", "consent", "cancel_reason", "policy_snapshot"),
    "cards": ("method_ref", "customer_ref"),
    "customers": ("display_name", "email", "email_normalized", "phone", "notes"),
    "locations": ("phone",),
    "memberships": (),
    "payments": ("note",),
    "payout_accounts": (),
    "refunds": ("reason",),
    "resources": ("name",),
    "service_categories": (),
    "service_staff": (),
    "services": (),
    "team_members": ("first_name", "last_name", "display_name", "email", "phone", "bio"),
    "tenants": ("email", "phone"),
}
PLATFORM_AUDITED = ("users", "user_credentials")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.execute(TABLES)
    op.execute(FUNCTIONS)
    op.execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC")
    op.execute(
        "GRANT EXECUTE ON FUNCTION current_tenant_id(), current_user_id(), current_actor() TO tithi_app, tithi_worker"
    )
    for table in TENANT_TABLES:
        _bind_to_tenant(table)
    for table, column in USERS_TABLES.items():
        _bind_to_user(table, column)
    for table in ("tenants", "webhook_inbox", "platform_idempotency", "platform_audit"):
        _force(table)
    op.execute(PLATFORM_POLICIES)
    op.execute(DIRECTORY)
    for function in DIRECTORY_FUNCTIONS:
        op.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO tithi_app, tithi_worker")
        op.execute(f"ALTER FUNCTION {function} OWNER TO tithi_directory")
    op.execute(AUDIT)
    for table, masked in AUDITED.items():
        arguments = ", ".join(f"'{column}'" for column in masked)
        op.execute(
            f"CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION audit_row({arguments})"
        )
    for table in PLATFORM_AUDITED:
        op.execute(
            f"CREATE TRIGGER audit AFTER INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION audit_platform_row()"
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    tables = (*TENANT_TABLES, *USERS_TABLES, "tenants", "webhook_inbox", "platform_idempotency", "platform_audit")
    for function in DIRECTORY_FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.execute(f"DROP TABLE {', '.join(tables)}")
    op.execute(
        "DROP FUNCTION audit_row(), audit_platform_row(), current_tenant_id(), current_user_id(), current_actor()"
    )


def _force(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _bind_to_tenant(table: str) -> None:
    _force(table)
    queue = table in WORKERS_QUEUES
    bound = "tithi_app, tithi_owner" if queue else BOUND
    seen = f"({OWN_TENANT} OR {OWN_USER})" if table == "memberships" else OWN_TENANT
    _policies(table, "tenant", bound, seen, OWN_TENANT, OWN_TENANT)
    if queue:
        _policies(table, "worker", "tithi_worker", NO_TENANT_OR_OWN, OWN_TENANT, NO_TENANT_OR_OWN)
    rights = RIGHTS.get(table, "SELECT, INSERT, UPDATE, DELETE")
    op.execute(f"GRANT {rights} ON {table} TO tithi_app, tithi_worker")


def _bind_to_user(table: str, column: str) -> None:
    _force(table)
    own = f"{column} = (SELECT current_user_id())"
    _policies(table, "user", BOUND, own, own, own)
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO tithi_app, tithi_worker")


def _policies(table: str, name: str, roles: str, seen: str, written: str, changed: str) -> None:
    op.execute(f"CREATE POLICY {name}_select ON {table} FOR SELECT TO {roles} USING ({seen})")
    op.execute(f"CREATE POLICY {name}_insert ON {table} FOR INSERT TO {roles} WITH CHECK ({written})")
    op.execute(f"CREATE POLICY {name}_update ON {table} FOR UPDATE TO {roles} USING ({changed}) WITH CHECK ({changed})")
    op.execute(f"CREATE POLICY {name}_delete ON {table} FOR DELETE TO {roles} USING ({changed})")

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Prices as lines: taxes, coupons, vouchers, gift cards, packages, referrals, receipts.

Imports nothing of the application. The offer function is made anew, with the category and the tax of the service.
"""

from alembic import op

revision = "20261121_promotions"
down_revision = "20261121_reconciliation"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE gift_cards (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    code_hash TEXT NOT NULL,
    last4 TEXT NOT NULL,
    status TEXT DEFAULT 'active' NOT NULL,
    currency TEXT NOT NULL,
    initial_cents BIGINT NOT NULL,
    balance_cents BIGINT NOT NULL,
    reserved_cents BIGINT DEFAULT '0' NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_gift_cards PRIMARY KEY (tenant_id, id),
    CONSTRAINT ck_gift_cards_status CHECK (status IN ('active', 'expired', 'void')),
    CONSTRAINT ck_gift_cards_amounts CHECK (initial_cents > 0 AND balance_cents >= 0 AND reserved_cents >= 0),
    CONSTRAINT ck_gift_cards_balance CHECK (balance_cents + reserved_cents <= initial_cents)
);

CREATE UNIQUE INDEX ix_gift_cards_tenant_id_code_hash ON gift_cards (tenant_id, code_hash);

CREATE TABLE packages (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    price_cents BIGINT NOT NULL,
    session_count INTEGER NOT NULL,
    service_ids JSONB NOT NULL,
    valid_days INTEGER,
    is_active BOOLEAN DEFAULT 'true' NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_packages PRIMARY KEY (tenant_id, id),
    CONSTRAINT ck_packages_amounts CHECK (session_count BETWEEN 1 AND 1000 AND price_cents >= 0 AND valid_days
        > 0)
);

CREATE TABLE receipt_counters (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    last_number BIGINT NOT NULL,
    CONSTRAINT pk_receipt_counters PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX ix_receipt_counters_tenant_id ON receipt_counters (tenant_id);

CREATE TABLE referral_programs (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    is_active BOOLEAN NOT NULL,
    kind TEXT NOT NULL,
    value BIGINT NOT NULL,
    valid_days INTEGER,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_referral_programs PRIMARY KEY (tenant_id, id),
    CONSTRAINT ck_referral_programs_kind CHECK (kind IN ('percent', 'fixed')),
    CONSTRAINT ck_referral_programs_value CHECK (value > 0 AND (kind <> 'percent' OR value <= 10000)),
    CONSTRAINT ck_referral_programs_valid_days CHECK (valid_days > 0)
);

CREATE UNIQUE INDEX ix_referral_programs_tenant_id ON referral_programs (tenant_id);

CREATE TABLE tax_rates (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    basis_points INTEGER NOT NULL,
    is_inclusive BOOLEAN NOT NULL,
    is_default BOOLEAN DEFAULT 'false' NOT NULL,
    is_active BOOLEAN DEFAULT 'true' NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_tax_rates PRIMARY KEY (tenant_id, id),
    CONSTRAINT ck_tax_rates_basis_points CHECK (basis_points BETWEEN 0 AND 10000),
    CONSTRAINT ck_tax_rates_default CHECK (NOT is_default OR is_active AND deleted_at IS NULL)
);

CREATE UNIQUE INDEX ix_tax_rates_default ON tax_rates (tenant_id) WHERE is_default;

CREATE TABLE coupons (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    code_normalized TEXT NOT NULL,
    name TEXT,
    kind TEXT NOT NULL,
    value BIGINT DEFAULT '0' NOT NULL,
    is_voucher BOOLEAN DEFAULT 'false' NOT NULL,
    max_uses INTEGER,
    max_uses_per_customer INTEGER,
    used_count INTEGER DEFAULT '0' NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE,
    valid_until TIMESTAMP WITH TIME ZONE,
    first_visit_only BOOLEAN DEFAULT 'false' NOT NULL,
    min_amount_cents BIGINT DEFAULT '0' NOT NULL,
    service_ids JSONB DEFAULT '[]'::jsonb NOT NULL,
    category_ids JSONB DEFAULT '[]'::jsonb NOT NULL,
    customer_id UUID,
    is_active BOOLEAN DEFAULT 'true' NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_coupons PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_coupons_tenant_id_customer_id_customers
        FOREIGN KEY(tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_coupons_kind CHECK (kind IN ('percent', 'fixed', 'free_item')),
    CONSTRAINT ck_coupons_value CHECK (value >= 0 AND (kind <> 'percent' OR value BETWEEN 1 AND 10000)),
    CONSTRAINT ck_coupons_used CHECK (used_count >= 0 AND used_count <= max_uses),
    CONSTRAINT ck_coupons_limits CHECK (max_uses > 0 AND max_uses_per_customer > 0 AND min_amount_cents >= 0),
    CONSTRAINT ck_coupons_validity CHECK (valid_until > valid_from)
);

CREATE UNIQUE INDEX ix_coupons_tenant_id_code_normalized ON coupons (tenant_id, code_normalized) WHERE
        deleted_at IS NULL;

CREATE INDEX ix_coupons_tenant_id_customer_id ON coupons (tenant_id, customer_id);

CREATE TABLE gift_card_moves (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    gift_card_id UUID NOT NULL,
    owner_id UUID,
    kind TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_gift_card_moves PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_gift_card_moves_tenant_id_gift_card_id_gift_cards
        FOREIGN KEY(tenant_id, gift_card_id) REFERENCES gift_cards (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_gift_card_moves_kind CHECK (kind IN ('issue', 'reserve', 'take', 'release', 'restore',
        'expire', 'void')),
    CONSTRAINT ck_gift_card_moves_amount CHECK (amount_cents > 0)
);

CREATE INDEX ix_gift_card_moves_tenant_id_gift_card_id_created_at ON gift_card_moves (tenant_id, gift_card_id,
        created_at);

CREATE INDEX ix_gift_card_moves_tenant_id_owner_id ON gift_card_moves (tenant_id, owner_id);

CREATE TABLE referral_codes (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    code TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_referral_codes PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_referral_codes_tenant_id_customer_id_customers
        FOREIGN KEY(tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE RESTRICT
);

CREATE UNIQUE INDEX ix_referral_codes_tenant_id_code ON referral_codes (tenant_id, code);

CREATE UNIQUE INDEX ix_referral_codes_tenant_id_customer_id ON referral_codes (tenant_id, customer_id);

CREATE TABLE referrals (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    referrer_id UUID NOT NULL,
    referred_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    rewarded_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_referrals PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_referrals_tenant_id_referrer_id_customers
        FOREIGN KEY(tenant_id, referrer_id) REFERENCES customers (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_referrals_tenant_id_referred_id_customers
        FOREIGN KEY(tenant_id, referred_id) REFERENCES customers (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_referrals_other CHECK (referrer_id <> referred_id)
);

CREATE INDEX ix_referrals_tenant_id_created_at_id ON referrals (tenant_id, created_at, id);

CREATE UNIQUE INDEX ix_referrals_tenant_id_referred_id ON referrals (tenant_id, referred_id);

CREATE INDEX ix_referrals_tenant_id_referrer_id ON referrals (tenant_id, referrer_id);

CREATE TABLE sold_packages (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    package_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    name TEXT NOT NULL,
    code TEXT NOT NULL,
    code_normalized TEXT NOT NULL,
    price_cents BIGINT NOT NULL,
    paid_by TEXT NOT NULL,
    sessions_total INTEGER NOT NULL,
    sessions_left INTEGER NOT NULL,
    service_ids JSONB NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    sold_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_sold_packages PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_sold_packages_tenant_id_package_id_packages
        FOREIGN KEY(tenant_id, package_id) REFERENCES packages (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_sold_packages_tenant_id_customer_id_customers
        FOREIGN KEY(tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_sold_packages_sessions CHECK (sessions_left BETWEEN 0 AND sessions_total),
    CONSTRAINT ck_sold_packages_paid_by CHECK (paid_by IN ('gift', 'cash', 'other'))
);

CREATE UNIQUE INDEX ix_sold_packages_tenant_id_code_normalized ON sold_packages (tenant_id, code_normalized);

CREATE INDEX ix_sold_packages_tenant_id_customer_id_sold_at ON sold_packages (tenant_id, customer_id, sold_at);

CREATE INDEX ix_sold_packages_tenant_id_package_id ON sold_packages (tenant_id, package_id);

CREATE TABLE coupon_uses (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    coupon_id UUID NOT NULL,
    owner_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    discount_cents BIGINT NOT NULL,
    terms JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    given_back_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_coupon_uses PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_coupon_uses_tenant_id_coupon_id_coupons
        FOREIGN KEY(tenant_id, coupon_id) REFERENCES coupons (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_coupon_uses_tenant_id_customer_id_customers
        FOREIGN KEY(tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE RESTRICT
);

CREATE UNIQUE INDEX ix_coupon_uses_tenant_id_coupon_id_owner_id ON coupon_uses (tenant_id, coupon_id, owner_id);

CREATE INDEX ix_coupon_uses_tenant_id_customer_id ON coupon_uses (tenant_id, customer_id);

CREATE INDEX ix_coupon_uses_tenant_id_owner_id ON coupon_uses (tenant_id, owner_id);

CREATE TABLE gift_card_sales (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    gift_card_id UUID,
    coupon_id UUID,
    price_cents BIGINT NOT NULL,
    paid_by TEXT NOT NULL,
    sender_name TEXT,
    recipient_name TEXT,
    recipient_email TEXT,
    message TEXT,
    deliver_at TIMESTAMP WITH TIME ZONE,
    delivered_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_gift_card_sales PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_gift_card_sales_tenant_id_gift_card_id_gift_cards
        FOREIGN KEY(tenant_id, gift_card_id) REFERENCES gift_cards (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_gift_card_sales_tenant_id_coupon_id_coupons
        FOREIGN KEY(tenant_id, coupon_id) REFERENCES coupons (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_gift_card_sales_one CHECK (num_nonnulls(gift_card_id, coupon_id) > 0),
    CONSTRAINT ck_gift_card_sales_paid_by CHECK (paid_by IN ('gift', 'cash', 'other')),
    CONSTRAINT ck_gift_card_sales_price CHECK (price_cents >= 0 AND (paid_by <> 'gift' OR price_cents = 0))
);

CREATE INDEX ix_gift_card_sales_tenant_id_coupon_id ON gift_card_sales (tenant_id, coupon_id);

CREATE INDEX ix_gift_card_sales_tenant_id_created_at_id ON gift_card_sales (tenant_id, created_at, id);

CREATE INDEX ix_gift_card_sales_tenant_id_gift_card_id ON gift_card_sales (tenant_id, gift_card_id);

CREATE TABLE package_uses (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    sold_package_id UUID NOT NULL,
    owner_id UUID NOT NULL,
    item_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    given_back_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_package_uses PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_package_uses_tenant_id_sold_package_id_sold_packages
        FOREIGN KEY(tenant_id, sold_package_id) REFERENCES sold_packages (tenant_id, id) ON DELETE RESTRICT
);

CREATE UNIQUE INDEX ix_package_uses_tenant_id_item_id ON package_uses (tenant_id, item_id);

CREATE INDEX ix_package_uses_tenant_id_owner_id ON package_uses (tenant_id, owner_id);

CREATE INDEX ix_package_uses_tenant_id_sold_package_id ON package_uses (tenant_id, sold_package_id);

CREATE TABLE receipts (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    payment_id UUID NOT NULL,
    refund_id UUID,
    owner_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    currency TEXT NOT NULL,
    total_cents BIGINT NOT NULL,
    tax_cents BIGINT NOT NULL,
    content JSONB NOT NULL,
    issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_receipts PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_receipts_tenant_id_payment_id_payments
        FOREIGN KEY(tenant_id, payment_id) REFERENCES payments (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_receipts_tenant_id_refund_id_refunds
        FOREIGN KEY(tenant_id, refund_id) REFERENCES refunds (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_receipts_tenant_id_customer_id_customers
        FOREIGN KEY(tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_receipts_kind CHECK (kind IN ('receipt', 'credit_note')),
    CONSTRAINT ck_receipts_total CHECK (CASE kind WHEN 'receipt' THEN total_cents >= 0 ELSE total_cents < 0 END)
);

CREATE UNIQUE INDEX ix_receipts_payment ON receipts (tenant_id, payment_id) WHERE kind = 'receipt';

CREATE INDEX ix_receipts_tenant_id_customer_id ON receipts (tenant_id, customer_id);

CREATE UNIQUE INDEX ix_receipts_tenant_id_number ON receipts (tenant_id, number);

CREATE INDEX ix_receipts_tenant_id_owner_id ON receipts (tenant_id, owner_id);

CREATE INDEX ix_receipts_tenant_id_payment_id ON receipts (tenant_id, payment_id);

CREATE UNIQUE INDEX ix_receipts_tenant_id_refund_id ON receipts (tenant_id, refund_id);

CREATE TABLE booking_lines (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    booking_id UUID NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    item_id UUID,
    source_id UUID,
    basis_points INTEGER,
    is_included BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT pk_booking_lines PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_booking_lines_tenant_id_booking_id_bookings
        FOREIGN KEY(tenant_id, booking_id) REFERENCES bookings (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT fk_booking_lines_tenant_id_item_id_booking_items
        FOREIGN KEY(tenant_id, item_id) REFERENCES booking_items (tenant_id, id) ON DELETE RESTRICT,
    CONSTRAINT ck_booking_lines_kind CHECK (kind IN ('discount', 'tax', 'gift_card')),
    CONSTRAINT ck_booking_lines_amount CHECK (CASE kind WHEN 'tax' THEN amount_cents >= 0 ELSE amount_cents < 0
        END)
);

CREATE INDEX ix_booking_lines_tenant_id_booking_id_position ON booking_lines (tenant_id, booking_id, position);

CREATE INDEX ix_booking_lines_tenant_id_item_id ON booking_lines (tenant_id, item_id);
"""

CHANGES = """
ALTER TABLE services ADD COLUMN tax_rate_id UUID,
    ADD CONSTRAINT fk_services_tenant_id_tax_rate_id_tax_rates FOREIGN KEY(tenant_id, tax_rate_id)
        REFERENCES tax_rates (tenant_id, id) ON DELETE RESTRICT NOT VALID;

ALTER TABLE bookings ADD COLUMN discount_cents BIGINT DEFAULT '0' NOT NULL,
    ADD COLUMN tax_cents BIGINT DEFAULT '0' NOT NULL;

ALTER TABLE payments ADD COLUMN gift_card_cents BIGINT DEFAULT '0' NOT NULL;

ALTER TABLE refunds ADD COLUMN gift_card_cents BIGINT DEFAULT '0' NOT NULL,
    ADD COLUMN part_of UUID,
    ADD CONSTRAINT ck_refunds_gift_card CHECK (gift_card_cents IN (0, amount_cents)) NOT VALID,
    ADD CONSTRAINT fk_refunds_tenant_id_part_of_refunds FOREIGN KEY(tenant_id, part_of)
        REFERENCES refunds (tenant_id, id) ON DELETE RESTRICT NOT VALID;

ALTER TABLE tenants ADD COLUMN tax_number TEXT;
"""

FUNCTION = """
CREATE OR REPLACE FUNCTION scheduling_offer(wanted uuid, member uuid, first date, last date,
    also_inactive boolean DEFAULT false)
    RETURNS json LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = pg_catalog, public
AS $body$
DECLARE
    own constant uuid := current_tenant_id();
    answer json;
    staff json;
    needed json;
    people uuid[];
    rooms uuid[];
BEGIN
    SELECT json_agg(json_build_array(m.id, m.resource_id, m.location_id, m.display_name, r.capacity, a.duration_min,
            a.price_cents, m.max_visits_per_day, m.max_visits_per_week) ORDER BY m.created_at, m.id),
        array_agg(m.resource_id)
    INTO staff, people
    FROM team_members m
    JOIN resources r ON r.tenant_id = m.tenant_id AND r.id = m.resource_id
    LEFT JOIN service_staff a ON a.tenant_id = m.tenant_id AND a.service_id = wanted AND a.team_member_id = m.id
    WHERE m.tenant_id = own AND m.is_active AND m.removed_at IS NULL AND r.is_active
    AND (member IS NULL OR m.id = member)
    AND (a.id IS NOT NULL
        OR NOT EXISTS (SELECT FROM service_staff o WHERE o.tenant_id = own AND o.service_id = wanted));

    SELECT json_agg(json_build_array(n.need, r.id, r.location_id, r.capacity, r.name)
            ORDER BY n.need, r.created_at, r.id),
        array_agg(r.id)
    INTO needed, rooms
    FROM service_needs n JOIN resources r ON r.tenant_id = n.tenant_id AND r.id = n.resource_id
    WHERE n.tenant_id = own AND n.service_id = wanted AND r.is_active AND r.removed_at IS NULL;

    people := coalesce(people, '{}'::uuid[]) || coalesce(rooms, '{}'::uuid[]);

    SELECT json_build_object(
        'service', json_build_array(s.id, s.name, s.kind, s.price_cents, s.duration_min, s.buffer_before_min,
            s.buffer_after_min, coalesce(s.slot_interval_min, t.slot_interval_minutes), s.requires_approval,
            s.opens_processing, s.min_notice_minutes, s.max_advance_days),
        'tenant', json_build_array(t.currency, t.policy, t.policy_version, t.scheduling,
            CASE WHEN t.scheduling -> 'avoid_unfillable_gaps' = 'true' THEN (SELECT min(o.duration_min) FROM services o
                WHERE o.tenant_id = own AND o.active AND o.deleted_at IS NULL AND o.kind = 'appointment') END),
        'staff', staff,
        'needs', needed,
        'needs_count', (SELECT count(DISTINCT n.need) FROM service_needs n
            WHERE n.tenant_id = own AND n.service_id = wanted),
        'segments', (SELECT json_agg(json_build_array(g.kind, g.duration_min, g.holds_staff, g.holds_room)
            ORDER BY g.position) FROM service_segments g WHERE g.tenant_id = own AND g.service_id = wanted),
        'add_ons', (SELECT json_agg(json_build_array(a.id, a.name, a.price_cents, a.duration_min) ORDER BY a.id)
            FROM service_add_ons x JOIN add_ons a ON a.tenant_id = x.tenant_id AND a.id = x.add_on_id
            WHERE x.tenant_id = own AND x.service_id = wanted AND a.is_active AND a.deleted_at IS NULL),
        'prerequisites', (SELECT json_agg(json_build_array(p.required_service_id, p.within_days, p.at_least_hours)
            ORDER BY p.id) FROM service_prerequisites p WHERE p.tenant_id = own AND p.service_id = wanted),
        'locations', (SELECT json_agg(json_build_array(l.id, l.timezone) ORDER BY l.created_at, l.id)
            FROM locations l WHERE l.tenant_id = own AND l.is_active),
        'rules', (SELECT json_agg(json_build_array(h.id, h.kind, h.resource_id, h.location_id, h.service_id, h.weekday,
                h.start_minute, h.end_minute, h.valid_from, h.valid_to))
            FROM availability_rules h WHERE h.tenant_id = own
            AND (h.resource_id IS NULL OR h.resource_id = ANY (people))
            AND (h.service_id IS NULL OR h.service_id = wanted)
            AND (h.valid_from IS NULL OR h.valid_from <= last + 1)
            AND (h.valid_to IS NULL OR h.valid_to >= first - 2)),
        'exceptions', (SELECT json_agg(json_build_array(x.id, x.kind, x.resource_id, x.location_id, x.starts_local,
                x.ends_local, x.repeats, x.repeats_until))
            FROM availability_exceptions x WHERE x.tenant_id = own
            AND (x.resource_id IS NULL OR x.resource_id = ANY (people))
            AND x.starts_local < last + 2
            AND (x.ends_local > first - 2
                OR x.repeats IS NOT NULL AND (x.repeats_until IS NULL OR x.repeats_until >= first - 2))))
    INTO answer
    FROM services s JOIN tenants t ON t.id = s.tenant_id
    WHERE s.tenant_id = own AND s.id = wanted AND (also_inactive OR s.active AND s.deleted_at IS NULL);
    RETURN answer;
END
$body$;
"""
BEFORE = "        'tenant', json_build_array("
SALE = """        'category_id', s.category_id,
        'tax', (SELECT json_build_array(x.id, x.name, x.basis_points, x.is_inclusive) FROM tax_rates x
            WHERE x.tenant_id = own AND x.is_active AND (x.id = s.tax_rate_id OR x.is_default)
            ORDER BY x.id = s.tax_rate_id DESC NULLS LAST LIMIT 1),
"""

TENANT_TABLES = (
    "booking_lines", "coupon_uses", "coupons", "gift_card_moves", "gift_card_sales", "gift_cards", "package_uses",
    "packages", "receipt_counters", "receipts", "referral_codes", "referral_programs", "referrals",
    "sold_packages", "tax_rates",
)  # fmt: skip
RIGHTS: dict[str, str] = {"gift_card_moves": "SELECT, INSERT", "receipts": "SELECT, INSERT"}
OWN_TENANT = "tenant_id = (SELECT current_tenant_id())"
BOUND = "tithi_app, tithi_worker, tithi_owner"
AUDITED: dict[str, tuple[str, ...]] = {
    "tax_rates": (),
    "coupons": (),
    "gift_cards": ("code_hash",),
    "gift_card_sales": ("recipient_name", "recipient_email", "sender_name", "message"),
    "packages": (),
    "sold_packages": (),
    "referral_programs": (),
    "referral_codes": (),
    "referrals": (),
}
ADDED_COLUMNS = {
    "bookings": ("discount_cents", "tax_cents"),
    "payments": ("gift_card_cents",),
    "refunds": ("gift_card_cents", "part_of"),
    "services": ("tax_rate_id",),
    "tenants": ("tax_number",),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.execute(TABLES)
    op.execute(CHANGES)
    op.execute(FUNCTION.replace(BEFORE, SALE + BEFORE))
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
    op.execute(FUNCTION)
    for table, columns in ADDED_COLUMNS.items():
        dropped = ", ".join(f"DROP COLUMN {column} CASCADE" for column in columns)
        op.execute(f"ALTER TABLE {table} {dropped}")
    op.execute(f"DROP TABLE {', '.join(TENANT_TABLES)}")

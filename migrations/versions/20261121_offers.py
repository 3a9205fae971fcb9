# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Offers: all that the search needs to know of a service, in one call whose plans the server keeps.

Imports nothing of the application. The function runs with its caller's rights, so row-level security holds in it.
"""

from alembic import op

revision = "20261121_offers"
down_revision = "20261121_scheduling_checked"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION scheduling_offer(wanted uuid, member uuid, first date, last date, also_inactive boolean DEFAULT false)
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

REVOKE EXECUTE ON FUNCTION scheduling_offer(uuid, uuid, date, date, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION scheduling_offer(uuid, uuid, date, date, boolean) TO tithi_app, tithi_worker;
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(FUNCTION)


def downgrade() -> None:
    op.execute("DROP FUNCTION scheduling_offer(uuid, uuid, date, date, boolean)")

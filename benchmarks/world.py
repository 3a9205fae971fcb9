# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The data that the benchmarks run on: one business in detail by the application, many more rows by SQL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from unittest import mock
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Flask
from psycopg2.extras import execute_values
from sqlalchemy import text

from benchmarks.stack import Bench, run_sql
from tithi.app import create_app
from tithi.availability import service as availability
from tithi.catalog import service as catalog
from tithi.identity import service as identity
from tithi.integrations.identity.signing import TokenSigner
from tithi.platform import clock
from tithi.platform.db import db, transaction
from tithi.platform.ids import new_id
from tithi.platform.settings import load_settings
from tithi.platform.tenancy import scope_without_tenant, tenant_scope
from tithi.team import service as team
from tithi.tenants import service as tenants

ZONE = "Europe/Berlin"
STAFF = 10
DAYS = 7
BOOKINGS_EACH = 40
CUSTOMERS = 1000
SHOP_HOURS = ((540, 750), (810, 1020))
ALL_DAY = ((0, 1440),)


@dataclass(frozen=True, slots=True)
class Business:
    tenant_id: UUID
    slug: str
    service_id: UUID
    members: tuple[UUID, ...]
    resources: tuple[UUID, ...]
    location_id: UUID
    customers: tuple[UUID, ...]
    user_id: UUID
    session_id: UUID


def first_day() -> date:
    """The Monday after next."""
    today = clock.now().date()
    return today + timedelta(days=14 - today.weekday())


@contextmanager
def application(bench: Bench, database: str, *, role: str = "web") -> Iterator[Flask]:
    """The application in this process, on that database."""
    with mock.patch.dict(os.environ, bench.environment_for(database, TITHI_LOG_LEVEL="ERROR")):
        app = create_app(load_settings(), role="worker" if role == "worker" else "web")
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def open_business(
    bench: Bench, database: str, slug: str, *, hours: tuple[tuple[int, int], ...], staff: int = STAFF
) -> Business:
    """A business with staff, one service and customers; call it inside the application's context."""
    user_id, session_id, tenant_id = new_id(), new_id(), new_id()
    _add_user(user_id, session_id)
    with tenant_scope(tenant_id, actor="bench", user_id=user_id), transaction():
        tenants.create(
            tenant_id=tenant_id,
            details={
                "slug": slug,
                "name": slug.title(),
                "email": f"{slug}@example.com",
                "country": "US",
                "currency": "USD",
                "location": {"name": "Main", "timezone": ZONE},
            },
        )
        tenants.update(details={"status": "active"}, expected_version=None)
        identity.add_member(tenant_id=tenant_id, user_id=user_id, role="owner")
        people = [team.add(details={"first_name": f"Ana {number}", "last_name": "Silva"}) for number in range(staff)]
        service = catalog.create_service(details={"name": "Cut", "duration_min": 30, "price_cents": 5000})
        week = [
            {"weekday": day, "start_minute": start, "end_minute": end} for day in range(1, 8) for start, end in hours
        ]
        for person in people:
            availability.set_weekly_hours(member_id=person.id, hours=week)
        found = Business(
            tenant_id,
            slug,
            service["id"],
            tuple(person.id for person in people),
            tuple(person.resource_id for person in people),
            people[0].location_id,
            tuple(new_id() for _ in range(CUSTOMERS)),
            user_id,
            session_id,
        )
    _add_customers(bench, database, found)
    return found


def token_of(bench: Bench, business: Business) -> str:
    """A fresh access token of the business's owner; it lives a quarter of an hour."""
    issuer = f"http://{bench.environment['TITHI_BASE_DOMAIN']}/auth"
    signer = TokenSigner(private_pem=bench.signing_key, issuer=issuer, clock=clock.now)
    return signer.mint(
        subject=str(business.user_id),
        email=f"{business.user_id.hex}@example.com",
        session_id=str(business.session_id),
    )


def add_week(bench: Bench, database: str, business: Business) -> int:
    """The same week of bookings for every run, as described beside the goals; says how many."""
    rows = [
        (business.members[staff], start)
        for staff in range(STAFF)
        for start in booked(staff, first_day(), DAYS, BOOKINGS_EACH)
    ]
    with bench.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("CREATE TEMP TABLE wanted (member_id uuid, starts_at timestamptz)")
        execute_values(cursor, "INSERT INTO wanted VALUES %s", [(str(member), start) for member, start in rows])
        cursor.execute(_MADE_FROM_WANTED, {"tenant_id": str(business.tenant_id)})
        cursor.execute(_INSERT_MADE)
    connection.close()
    run_sql(bench, database, "VACUUM ANALYZE")
    return len(rows)


def add_past(bench: Bench, database: str, business: Business, *, each: int) -> None:
    """So many past bookings of every member of staff, half an hour each."""
    run_sql(
        bench,
        database,
        f"""
        {
            _make(
                "date_trunc('day', now()) - interval '1 day' * (1 + n / 14) + interval '9 hours'"
                " + interval '30 minutes' * (n % 14) + interval '1 hour' * ((n % 14) / 7)",
                f"generate_series(0, {each - 1}) AS n",
                f"m.tenant_id = '{business.tenant_id}'",
            )
        }
        {_INSERT_MADE}
        """,
    )
    run_sql(bench, database, "VACUUM ANALYZE")


def add_month(bench: Bench, database: str, business: Business, *, each: int, a_day: int = 7) -> None:
    """So many coming bookings of every member of staff, half an hour each, so many a day from tomorrow."""
    run_sql(
        bench,
        database,
        f"""
        {
            _make(
                f"date_trunc('day', now()) + interval '1 day' * (1 + n / {a_day}) + interval '9 hours'"
                f" + interval '{420 // a_day} minutes' * (n % {a_day})"
                f" + interval '30 minutes' * mod(abs(hashtext(p.member_id::text)), {420 // a_day // 30})",
                f"generate_series(0, {each - 1}) AS n",
                f"m.tenant_id = '{business.tenant_id}'",
            )
        }
        {_INSERT_MADE}
        """,
    )
    run_sql(bench, database, "VACUUM ANALYZE")


def add_businesses(bench: Bench, database: str, *, count: int, each: int, like: Business) -> None:
    """So many further businesses with five members of staff and `each` bookings per member, past and coming."""
    run_sql(bench, database, _COPY_BUSINESSES.format(count=count, like=like.tenant_id))
    run_sql(bench, database, "ALTER TABLE claims DROP CONSTRAINT claims_no_overlap; ANALYZE")
    run_sql(
        bench,
        database,
        f"""
        {
            _make(
                f"date_trunc('day', now()) + interval '1 day' * (n / 14 - {each // 28}) + interval '9 hours'"
                f" + interval '30 minutes' * (n % 14) + interval '1 hour' * ((n % 14) / 7)",
                f"generate_series(0, {each - 1}) AS n",
                "t.slug LIKE 'bulk-%'",
            )
        }
        {_INSERT_MADE}
        """,
    )
    run_sql(
        bench,
        database,
        "ALTER TABLE claims ADD CONSTRAINT claims_no_overlap EXCLUDE USING gist"
        " (resource_id WITH =, lane WITH =, during WITH &&) WHERE (active AND NOT override)",
    )
    run_sql(bench, database, "VACUUM ANALYZE")


def booked(staff: int, first: date, days: int, count: int) -> Iterator[datetime]:
    state = 1000 + staff
    taken: set[tuple[int, int]] = set()

    def draw() -> int:
        nonlocal state
        state = (1103515245 * state + 12345) % 2**31
        return state >> 8

    while len(taken) < 2 * count:
        day, quarter = draw() % days, draw() % 31
        if 13 <= quarter <= 17 or {(day, quarter), (day, quarter + 1)} & taken:  # noqa: PLR2004 - the lunch hour
            continue
        taken |= {(day, quarter), (day, quarter + 1)}
        midnight = datetime.combine(first + timedelta(days=day), datetime.min.time(), ZoneInfo(ZONE))
        yield midnight + timedelta(minutes=540 + 15 * quarter)


def _add_user(user_id: UUID, session_id: UUID) -> None:
    with scope_without_tenant(user_id=user_id), transaction() as current:
        current.execute(
            text(
                "INSERT INTO users (id, email, email_normalized, first_name, last_name, created_at)"
                " VALUES (:id, :email, :email, 'Pat', 'Doe', now())"
            ),
            {"id": user_id, "email": f"{user_id.hex}@example.com"},
        )
        current.execute(
            text("INSERT INTO auth_sessions (id, user_id, created_at) VALUES (:id, :user_id, now())"),
            {"id": session_id, "user_id": user_id},
        )


def _add_customers(bench: Bench, database: str, business: Business) -> None:
    rows = [
        (str(business.tenant_id), str(one), f"Customer {number}", f"c{number}@example.com")
        for number, one in enumerate(business.customers)
    ]
    with bench.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        execute_values(
            cursor,
            "INSERT INTO customers (tenant_id, id, display_name, email, email_normalized, tags, created_at, updated_at)"
            " SELECT t::uuid, i::uuid, n, e, e, '[]', now(), now() FROM (VALUES %s) AS v(t, i, n, e)",
            rows,
        )
    connection.close()


# One row of `made` becomes a claim, a booking with its item, and a payment.
_COLUMNS = """
    m.tenant_id, uuidv7() AS id, m.id AS member_id, m.resource_id, m.location_id, s.id AS service_id, t.policy,
    (SELECT array_agg(c.id) FROM customers c WHERE c.tenant_id = m.tenant_id) AS customers
"""


def _make(start: str, times: str, where: str) -> str:
    """Statements that fill `made` with a row for every start of every member of staff in question."""
    return f"""
        CREATE TEMP TABLE people AS SELECT {_COLUMNS} FROM team_members m
            JOIN tenants t ON t.id = m.tenant_id JOIN services s ON s.tenant_id = m.tenant_id WHERE {where};
        CREATE TEMP TABLE made AS SELECT p.tenant_id, uuidv7() AS id, p.member_id, p.resource_id, p.location_id,
            p.service_id, p.policy, p.customers[1 + n % array_length(p.customers, 1)] AS customer_id,
            {start} AS starts_at FROM people p CROSS JOIN {times};
        DROP TABLE people;
    """  # noqa: S608 - the parts are written in this file


_MADE_FROM_WANTED = """
    CREATE TEMP TABLE made AS SELECT m.tenant_id, uuidv7() AS id, m.id AS member_id, m.resource_id, m.location_id,
        s.id AS service_id, t.policy,
        (SELECT c.id FROM customers c WHERE c.tenant_id = m.tenant_id
            OFFSET mod(abs(hashtext(w.starts_at::text || m.id)), 1000) LIMIT 1) AS customer_id, w.starts_at
    FROM wanted w JOIN team_members m ON m.id = w.member_id JOIN tenants t ON t.id = m.tenant_id
        JOIN services s ON s.tenant_id = m.tenant_id
    WHERE m.tenant_id = %(tenant_id)s
"""

_INSERT_MADE = """
    INSERT INTO claims (tenant_id, id, resource_id, lane, starts_at, ends_at, kind, owner_id)
        SELECT tenant_id, uuidv7(), resource_id, 0, starts_at, starts_at + interval '30 minutes', 'booking', id
        FROM made;
    INSERT INTO bookings (tenant_id, id, confirmation_number, customer_id, location_id, status, starts_at, ends_at,
            timezone, currency, amount_cents, policy_snapshot, source, confirmed_at, created_at, updated_at)
        SELECT tenant_id, id, 'B' || upper(substr(replace(id::text, '-', ''), 5, 16)) || upper(right(id::text, 9)),
            customer_id, location_id, 'confirmed', starts_at, starts_at + interval '30 minutes', 'Europe/Berlin', 'USD',
            5000, policy, 'public', now(), now(), now() FROM made;
    INSERT INTO booking_items (tenant_id, id, booking_id, position, service_id, team_member_id, resource_id,
            service_snapshot, starts_at, ends_at, price_cents)
        SELECT tenant_id, uuidv7(), id, 0, service_id, member_id, resource_id,
            '{"name": "Cut", "duration_min": 30, "buffer_before_min": 0, "buffer_after_min": 0, "price_cents": 5000,'
            ' "currency": "USD"}', starts_at, starts_at + interval '30 minutes', 5000 FROM made;
    INSERT INTO payments (tenant_id, id, owner_id, customer_id, purpose, currency, amount_cents, created_at, updated_at)
        SELECT tenant_id, uuidv7(), id, customer_id, 'outcome', 'USD', 5000, now(), now() FROM made;
    DROP TABLE made;
"""

_COPY_BUSINESSES = """
    CREATE TEMP TABLE fresh AS SELECT n, gen_random_uuid() AS id, gen_random_uuid() AS location_id,
        gen_random_uuid() AS service_id FROM generate_series(1, {count}) AS n;
    INSERT INTO tenants (id, slug, name, email, country, currency, status, policy, created_at, updated_at)
        SELECT f.id, 'bulk-' || f.n, 'Bulk', 'bulk@example.com', 'US', 'USD', 'active', t.policy, now(), now()
        FROM fresh f, tenants t WHERE t.id = '{like}';
    INSERT INTO locations (tenant_id, id, name, timezone, address, created_at)
        SELECT id, location_id, 'Main', 'Europe/Berlin', '{{}}', now() FROM fresh;
    INSERT INTO services (tenant_id, id, name, duration_min, price_cents, created_at)
        SELECT id, service_id, 'Cut', 30, 5000, now() FROM fresh;
    CREATE TEMP TABLE staff AS SELECT f.*, gen_random_uuid() AS resource_id, gen_random_uuid() AS member_id
        FROM fresh f CROSS JOIN generate_series(1, 5);
    INSERT INTO resources (tenant_id, id, kind, name, created_at) SELECT id, resource_id, 'staff', 'Ana', now()
        FROM staff;
    INSERT INTO team_members (tenant_id, id, resource_id, location_id, first_name, last_name, display_name,
            specialties, created_at)
        SELECT id, member_id, resource_id, location_id, 'Ana', 'Silva', 'Ana Silva', '[]', now() FROM staff;
    INSERT INTO availability_rules (tenant_id, id, resource_id, weekday, start_minute, end_minute, created_at)
        SELECT s.id, gen_random_uuid(), s.resource_id, d, h.opens, h.closes, now() FROM staff s
        CROSS JOIN generate_series(1, 7) AS d CROSS JOIN (VALUES (540, 750), (810, 1020)) AS h(opens, closes);
    INSERT INTO customers (tenant_id, id, display_name, tags, created_at, updated_at)
        SELECT id, gen_random_uuid(), 'Customer', '[]', now(), now() FROM fresh CROSS JOIN generate_series(1, 50);
"""

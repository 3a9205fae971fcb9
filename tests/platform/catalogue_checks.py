# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the database's catalogue must say so that rows stay with their tenant; every check answers its findings."""

from collections.abc import Callable
from typing import Any

from tests.platform.isolation_checks import GLOBAL_TABLES, WORKERS_QUEUES, Dsn, connected

OWN = "(tenant_id = ( SELECT current_tenant_id() AS current_tenant_id))"
OWN_USER = "(user_id = ( SELECT current_user_id() AS current_user_id))"
NO_TENANT = "(( SELECT current_tenant_id() AS current_tenant_id) IS NULL)"
COMMANDS = "rawd"
DIRECTORY = {"tenants", "memberships", "users", "user_credentials", "payout_accounts", "subscriptions"}
GLOBALLY_UNIQUE = {"claims_no_overlap", "ix_payout_accounts_account_ref"}
DEFINERS = {
    "audit_platform_row",
    "audit_row",
    "directory_credentials",
    "directory_tenant_by_account",
    "directory_tenant_by_id",
    "directory_tenant_by_slug",
    "directory_tenants_of_current_user",
}
Row = tuple[Any, ...]
Check = Callable[[Dsn], list[str]]


def _rows(dsn: Dsn, statement: str) -> list[Row]:
    with connected(dsn("postgres")) as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def rows_are_forced(dsn: Dsn) -> list[str]:
    return [
        f"{table}: row-level security is {'not forced' if enabled else 'off'}"
        for table, enabled, forced in _rows(
            dsn,
            "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relkind IN ('r', 'p')"
            " AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'",
        )
        if not (enabled and forced)
    ]


def tables_name_their_tenant(dsn: Dsn) -> list[str]:
    return [
        f"{table}: tenant_id is not a uuid that is never null"
        for table, is_right in _rows(
            dsn,
            "SELECT c.relname, coalesce(a.atttypid = 'uuid'::regtype AND a.attnotnull, false) FROM pg_class c"
            " LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' WHERE c.relkind IN ('r', 'p')"
            " AND c.relnamespace = 'public'::regnamespace",
        )
        if table not in GLOBAL_TABLES and not is_right
    ]


_POLICIES = """
    SELECT c.relname, p.polname, p.polcmd::text, p.polpermissive,
        ARRAY(SELECT rolname::text FROM pg_roles WHERE oid = ANY (p.polroles)), p.polroles = '{0}',
        pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
    FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'
    ORDER BY 1, 2
"""


def every_command_has_its_policy(dsn: Dsn) -> list[str]:
    """One permissive policy for each table, command and role: several would be joined by OR."""
    held: dict[tuple[str, str, str], int] = {}
    rows = _rows(dsn, _POLICIES)
    for table, _, command, permissive, roles, _, _, _ in rows:
        for role in roles or ():
            if permissive:
                held[table, command, role] = held.get((table, command, role), 0) + 1
    return [
        f"{table}: {held.get((table, command, role), 0)} policies for {command} by {role}"
        for table in sorted({row[0] for row in rows} - GLOBAL_TABLES)
        for command in COMMANDS
        for role in ("tithi_app", "tithi_worker", "tithi_owner")
        if held.get((table, command, role), 0) != 1
    ]


def policies_have_both_halves(dsn: Dsn) -> list[str]:
    found = []
    for table, name, command, _, _, _, using, check in _rows(dsn, _POLICIES):
        if command in ("r", "w", "d", "*") and using is None:
            found.append(f"{table}.{name}: no USING")
        if command in ("a", "w", "*") and check is None:
            found.append(f"{table}.{name}: no WITH CHECK")
    return found


def policies_have_a_known_form(dsn: Dsn) -> list[str]:
    """Tenant tables compare with the tenant of the transaction, looked up once per statement, and with nothing else."""
    found = []
    for table, name, command, _, roles, is_public, using, check in _rows(dsn, _POLICIES):
        if name is None:
            found.append(f"{table}: no policy")
            continue
        if is_public or "*" in command:
            found.append(f"{table}.{name}: for everybody or everything")
        allowed = _allowed_forms(table, command, roles)
        found += [
            f"{table}.{name}: {expression}"
            for expression in (using, check)
            if expression is not None and (" FROM " in expression or (allowed and expression not in allowed))
        ]
    return found


def _allowed_forms(table: str, command: str, roles: list[str]) -> set[str]:
    """Empty where the table has no tenant, or the policy is the directory's."""
    if table in GLOBAL_TABLES or (roles == ["tithi_directory"] and table in DIRECTORY and command == "r"):
        return set()
    if table == "memberships" and command == "r":
        return {f"({OWN} OR {OWN_USER})"}
    if table in WORKERS_QUEUES and roles == ["tithi_worker"] and command != "a":
        return {f"({NO_TENANT} OR {OWN})"}
    return {OWN}


def settings_are_read_by_plain_functions(dsn: Dsn) -> list[str]:
    return [
        f"{name}: {language}, volatility {volatility}"
        for name, language, volatility in _rows(
            dsn,
            "SELECT p.proname, l.lanname, p.provolatile::text FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang"
            " WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'current\\_%'",
        )
        if (language, volatility) != ("sql", "s")
    ]


_FOREIGN_KEYS = """
    SELECT c.conname, c.conrelid::regclass::text, c.confrelid::regclass::text, c.confdeltype::text, c.confupdtype::text,
        ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k(n, i)
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY k.i),
        ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY AS k(n, i)
            JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY k.i),
        EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indisvalid
            AND (SELECT array_agg(n ORDER BY n) FROM unnest((i.indkey::int2[])[0:cardinality(c.conkey) - 1]) n)
                = (SELECT array_agg(n ORDER BY n) FROM unnest(c.conkey) n))
    FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace ORDER BY 1
"""


def foreign_keys_carry_the_tenant(dsn: Dsn) -> list[str]:
    return [
        f"{name}: {table}({', '.join(columns)}) to {parent}({', '.join(parents)})"
        for name, table, parent, _, _, columns, parents, _ in _rows(dsn, _FOREIGN_KEYS)
        if parent not in GLOBAL_TABLES and ("tenant_id", "tenant_id") not in zip(columns, parents, strict=True)
    ]


def foreign_keys_restrict(dsn: Dsn) -> list[str]:
    return [
        f"{name}: on delete {on_delete}, on update {on_update}"
        for name, _, _, on_delete, on_update, _, _, _ in _rows(dsn, _FOREIGN_KEYS)
        if on_delete != "r" or on_update not in {"a", "r"}
    ]


def foreign_keys_are_indexed(dsn: Dsn) -> list[str]:
    return [
        f"{name}: no index begins with its columns" for name, *_, indexed in _rows(dsn, _FOREIGN_KEYS) if not indexed
    ]


_INDEXES = """
    SELECT t.relname, x.relname, i.indisunique OR i.indisexclusion, i.indpred IS NULL, ARRAY(
        SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(n, place)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n
        WHERE k.place <= i.indnkeyatts ORDER BY k.place)
    FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
    WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p') ORDER BY 1, 2
"""


def uniqueness_is_within_a_tenant(dsn: Dsn) -> list[str]:
    return [
        f"{table}: {index} is unique across tenants"
        for table, index, is_unique, _, columns in _rows(dsn, _INDEXES)
        if table not in GLOBAL_TABLES and is_unique and "tenant_id" not in columns and index not in GLOBALLY_UNIQUE
    ]


def tables_have_an_index_by_tenant(dsn: Dsn) -> list[str]:
    rows = _rows(dsn, _INDEXES)
    led = {table for table, _, _, is_whole, columns in rows if is_whole and columns[:1] == ["tenant_id"]}
    tables = {table for (table,) in _rows(dsn, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    return [f"{table}: no index led by tenant_id" for table in sorted(tables - GLOBAL_TABLES - led)]


def views_run_as_their_reader(dsn: Dsn) -> list[str]:
    return [
        f"view {name}: owned by {owner}, options {options}"
        for name, owner, options in _rows(
            dsn,
            "SELECT relname, relowner::regrole::text, coalesce(reloptions, '{}') FROM pg_class"
            " WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace",
        )
        if owner != "tithi_owner" or not {"security_invoker=true", "security_invoker=on"} & set(options)
    ]


def no_view_is_materialized(dsn: Dsn) -> list[str]:
    return [
        f"materialized view or foreign table {name}"
        for (name,) in _rows(
            dsn,
            "SELECT relname FROM pg_class WHERE relkind IN ('m', 'f') AND relnamespace = 'public'::regnamespace",
        )
    ]


def definers_are_listed_and_closed(dsn: Dsn) -> list[str]:
    found = []
    for name, config, by_public, is_superuser in _rows(
        dsn,
        """
        SELECT p.proname, coalesce(p.proconfig, '{}'), EXISTS (
            SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0), r.rolsuper
        FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
        WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
        """,
    ):
        if name not in DEFINERS:
            found.append(f"{name}: runs with its owner's rights and is not listed")
        if "search_path=pg_catalog" not in config:
            found.append(f"{name}: search_path is {config}")
        if by_public or is_superuser:
            found.append(f"{name}: open to everybody, or owned by a superuser")
    return found


def roles_have_no_more_rights_than_needed(dsn: Dsn) -> list[str]:
    on_tables = _rows(
        dsn,
        """
        SELECT r.name, c.relname, w.right FROM unnest(ARRAY['tithi_app', 'tithi_worker']) AS r(name)
        CROSS JOIN unnest(ARRAY['TRUNCATE', 'REFERENCES', 'TRIGGER']) AS w("right") CROSS JOIN pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND has_table_privilege(r.name, c.oid, w.right)
        """,
    )
    on_schemas = _rows(
        dsn,
        """
        SELECT r.name, n.nspname, 'CREATE' FROM unnest(ARRAY['tithi_app', 'tithi_worker']) AS r(name)
        CROSS JOIN pg_namespace n WHERE has_schema_privilege(r.name, n.oid, 'CREATE')
        """,
    )
    return [f"{role} has {right} on {subject}" for role, subject, right in on_tables + on_schemas]


CHECKS: tuple[Check, ...] = (
    rows_are_forced,
    tables_name_their_tenant,
    every_command_has_its_policy,
    policies_have_both_halves,
    policies_have_a_known_form,
    settings_are_read_by_plain_functions,
    foreign_keys_carry_the_tenant,
    foreign_keys_restrict,
    foreign_keys_are_indexed,
    uniqueness_is_within_a_tenant,
    tables_have_an_index_by_tenant,
    views_run_as_their_reader,
    no_view_is_materialized,
    definers_are_listed_and_closed,
    roles_have_no_more_rights_than_needed,
)

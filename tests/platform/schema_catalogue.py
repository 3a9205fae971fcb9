# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Everything that a database's catalogue says about the schema, as text that can be compared."""

from tests.platform.isolation_checks import connected

TABLES = {
    "column": """
        SELECT format('%s.%s %s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
            CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END, ' ' || a.attgenerated::text || a.attidentity::text,
            ' ' || pg_get_expr(d.adbin, d.adrelid))
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0
            AND NOT a.attisdropped
    """,
    "constraint": """
        SELECT format('%s.%s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype NOT IN ('n', 't')
    """,
    "index": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
}
REST = {
    "relation": """
        SELECT format('%s %s owner %s rights %s rows %s %s', relkind, relname, relowner::regrole,
            ARRAY(SELECT item::text FROM unnest(relacl) AS item ORDER BY 1), relrowsecurity, relforcerowsecurity)
        FROM pg_class WHERE relnamespace = 'public'::regnamespace
    """,
    "policy": """
        SELECT format('%s.%s for %s to %s %s using %s check %s', tablename, policyname, cmd, roles, permissive, qual,
            with_check)
        FROM pg_policies WHERE schemaname = 'public'
    """,
    "trigger": """
        SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace
    """,
    "function": """
        SELECT format('%s owner %s rights %s', pg_get_functiondef(p.oid), p.proowner::regrole,
            ARRAY(SELECT item::text FROM unnest(p.proacl) AS item ORDER BY 1))
        FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prokind <> 'a'
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    """,
    "type": """
        SELECT format('%s %s', t.typname, t.typtype) FROM pg_type t
        WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('e', 'd')
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')
    """,
    "extension": "SELECT extname FROM pg_extension",
    "not validated": """
        SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND NOT convalidated
    """,
    "not valid": "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid",
}


def catalogue(dsn: str, statements: dict[str, str]) -> list[str]:
    """One line for each thing, in order; without the table that remembers the revision."""
    with connected(dsn) as cursor:
        found: list[str] = []
        for kind, statement in statements.items():
            cursor.execute(statement)
            found += [f"{kind}: {line}" for (line,) in cursor.fetchall() if "alembic_version" not in line]
        return sorted(found)

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from typing import Any

from sqlalchemy import text

from tests.factories.businesses import Salon
from tithi.platform.db import transaction
from tithi.platform.tenancy import tenant_scope

API = "/api/v1"


def _trail(salon: Salon, table: str) -> list[dict[str, Any]]:
    with salon.app.app_context(), tenant_scope(salon.tenant_id), transaction() as current:
        rows = current.execute(
            text("SELECT * FROM audit_logs WHERE table_name = :table ORDER BY at, id"), {"table": table}
        )
        return [dict(row) for row in rows.mappings()]


def test_a_change_is_kept_with_who_made_it_and_in_which_request(salon: Salon) -> None:
    path = f"{API}/services/{salon.service_id}"
    salon.as_owner("PUT", path, json={"price_cents": 6000}, headers={"X-Request-ID": "audit-1"})
    last = _trail(salon, "services")[-1]
    assert (last["action"], last["row_id"]) == ("UPDATE", str(salon.service_id))
    assert (last["actor"], last["request_id"]) == (f"user:{salon.owner.user_id}", "audit-1")
    assert last["old_values"] == {"price_cents": 5000, "version": 1}
    assert last["new_values"] == {"price_cents": 6000, "version": 2}


def test_personal_columns_are_masked(salon: Salon) -> None:
    salon.booked(customer_info={"name": "Jane Secret", "email": "jane.secret@example.com"})
    trail = _trail(salon, "customers")
    assert trail[0]["new_values"]["email"] == "***"
    assert "ecret" not in str(trail)


def test_the_application_cannot_rewrite_the_trail(salon: Salon) -> None:
    for statement in (
        "DELETE FROM audit_logs",
        "UPDATE audit_logs SET actor = 'x'",
        "INSERT INTO audit_logs (tenant_id) VALUES (gen_random_uuid())",
    ):
        refused = False
        try:
            with salon.app.app_context(), tenant_scope(salon.tenant_id), transaction() as current:
                current.execute(text(statement))
        except Exception as error:  # noqa: BLE001 - the kind of refusal is the database's
            refused = "permission denied" in str(error)
        assert refused, statement
    assert _trail(salon, "tenants")

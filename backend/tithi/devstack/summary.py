# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The page that is printed once everything runs."""

from tithi.devstack.environment import DATABASE, Stack
from tithi.devstack.ports import HOST

_RULE = "─" * 78


def summary(stack: Stack, *, superuser_dsn: str | None) -> str:
    """Addresses, what the demo data said about themselves, and how to stop."""
    ports = stack.ports
    rows = {
        "Tithi": f"http://localhost:{ports.web}",
        "Messages sent": f"http://{HOST}:{ports.message_sandbox}",
        "Metrics, web": f"http://{HOST}:{ports.internal}/metrics",
        "Metrics, worker": f"http://{HOST}:{ports.worker_internal}/metrics",
    }
    if stack.has_stripe_sandbox:
        rows["Stripe sandbox"] = f"http://{HOST}:{ports.stripe_sandbox}"
    if superuser_dsn is not None:
        rows["Database"] = f"psql '{superuser_dsn.replace('/postgres?', f'/{DATABASE}?')}'"
    rows["Logs, data"] = str(stack.state)
    lines = [f"  {name:<16} {value}" for name, value in rows.items()]
    if stack.demo_notes.exists():
        notes = stack.demo_notes.read_text(encoding="utf-8").strip()
        lines += ["", *(f"  {line}".rstrip() for line in notes.splitlines())]
    lines += ["", "  Ctrl-C stops everything in order. `make reset` starts over with empty data."]
    return "\n".join(["", _RULE, "  Everything runs.", "", *lines, _RULE, "", ""])

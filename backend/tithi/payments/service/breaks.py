# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Differences between the books: one row each, however often it is found, until it is repaired or explained."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from tithi.payments.comparing import Finding
from tithi.payments.errors import BreakNotFoundError, BreakResolvedError
from tithi.payments.models import PaymentBreak
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_scope, current_tenant_id

REPAIRED = "Repaired by the reconciliation."
GONE = "No longer found."
RECONCILIATION = "reconciliation"

Found = tuple[Finding, bool]


def record(found: Sequence[Found], *, since: datetime, until: datetime) -> tuple[int, int]:
    """Keep what was found and whether it was repaired, and close what is found no more, in the caller's transaction.

    Returns:
        How many breaks are new, or open again, and how many of that stretch of time are open now.
    """
    references = [finding.reference for finding, _ in found]
    statement = select(PaymentBreak).where(
        PaymentBreak.reference.in_(references)
        | (PaymentBreak.status == "open") & (PaymentBreak.occurred_at >= since) & (PaymentBreak.occurred_at < until)
    )
    known = {(row.kind, row.reference): row for row in session().scalars(statement.with_for_update())}
    named = {(finding.kind, finding.reference): (finding, is_repaired) for finding, is_repaired in found}
    fresh = 0
    for key, (finding, is_repaired) in named.items():
        row = known.get(key) or _new(finding)
        if row.found_at is None or _is_news(row, finding):
            fresh += 1
            _open(row, finding)
        if is_repaired and row.status == "open":
            _close(row, REPAIRED, RECONCILIATION)
    for key, row in known.items():
        if key not in named and row.status == "open":
            _close(row, GONE, RECONCILIATION)
    session().flush()
    still_open = sum(row.status == "open" for key, row in known.items()) + sum(
        not is_repaired for key, (_, is_repaired) in named.items() if key not in known
    )
    return fresh, still_open


def resolve(*, break_id: UUID, reason: str) -> PaymentBreak:
    """Close a break with a person's reason, in the caller's transaction.

    Raises:
        BreakNotFound: there is none.
        BreakResolved: it is closed already.
    """
    row = session().get(PaymentBreak, (current_tenant_id(), break_id), with_for_update=True)
    if row is None:
        raise BreakNotFoundError
    if row.status == "resolved":
        raise BreakResolvedError
    _close(row, reason, current_scope().actor)
    session().flush()
    return row


def _new(finding: Finding) -> PaymentBreak:
    row = PaymentBreak(tenant_id=current_tenant_id(), id=new_id(), kind=finding.kind, reference=finding.reference)
    session().add(row)
    return row


def _is_news(row: PaymentBreak, finding: Finding) -> bool:
    """Whether a closed break is open again: a person's word holds for the amounts that they saw."""
    if row.status == "open":
        return False
    is_same = (row.ledger_cents, row.processor_cents) == (finding.ledger_cents, finding.processor_cents)
    return not is_same or row.resolved_by == RECONCILIATION


def _open(row: PaymentBreak, finding: Finding) -> None:
    row.payment_id = finding.payment_id
    row.ledger_cents = finding.ledger_cents
    row.processor_cents = finding.processor_cents
    row.currency = finding.currency
    row.occurred_at = finding.occurred_at
    row.found_at = clock.now()
    row.status = "open"
    row.resolution = row.resolved_by = row.resolved_at = None


def _close(row: PaymentBreak, resolution: str, resolved_by: str) -> None:
    row.status = "resolved"
    row.resolution = resolution
    row.resolved_by = resolved_by
    row.resolved_at = clock.now()

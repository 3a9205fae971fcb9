# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Answering a dispute: the evidence is written down with its key, handed in once, and finished by the worker."""

from datetime import timedelta
from uuid import UUID

import structlog

from tithi.integrations.stripe import contract
from tithi.integrations.stripe.bookkeeping import DisputeState
from tithi.payments import dispute_queries, evidence
from tithi.payments.errors import DisputeAnsweredError, DisputeClosedError
from tithi.payments.models import Dispute
from tithi.payments.processor import processor
from tithi.payments.service.disputes import keep_dispute
from tithi.platform import clock, idempotency, jobs
from tithi.platform.db import transaction
from tithi.platform.tenancy import current_scope

RECOVER_AFTER = timedelta(seconds=20)
RECOVER_TIMER = "payments.recover_evidence"
METADATA_KEY = "dispute_id"
AWAITING = frozenset({"needs_response", "warning"})

log = structlog.get_logger(__name__)


def submit_evidence(*, dispute_id: UUID, statement: str | None) -> Dispute:
    """Hand in the evidence about a dispute with what the business adds to it; opens its own transactions.

    Without an answer the submission stays `submitting`, and the worker finishes it under the same key.

    Raises:
        DisputeNotFound: there is none, or it is about no payment of ours.
        DisputeAnswered: evidence was handed in before.
        DisputeClosed: the bank has decided, or waits for nothing.
    """
    with transaction():
        row = dispute_queries.get_dispute(dispute_id, lock=True)
        _write(row, statement)
    _hand_in(dispute_id, looks_first=False)
    with transaction():
        row = dispute_queries.get_dispute(dispute_id)
        if row.submission == "none":
            raise DisputeClosedError
        if row.submission == "elsewhere":
            raise DisputeAnsweredError
        idempotency.conclude(row)
        return row


def recover_evidence(*, dispute_id: UUID) -> None:
    """Finish a submission whose answer was lost; raises while it is open, so that it is tried again."""
    _hand_in(dispute_id, looks_first=True)
    with transaction():
        if dispute_queries.get_dispute(dispute_id).submission == "submitting":
            raise contract.NoAnswerError


def _write(row: Dispute, statement: str | None) -> None:
    if row.submission == "submitting" and idempotency.is_resumed():
        return
    if row.submission != "none":
        raise DisputeAnsweredError
    if row.status not in AWAITING or (row.due_by is not None and row.due_by <= clock.now()):
        raise DisputeClosedError
    pack = dispute_queries.evidence_of(row)
    if pack is None:
        raise DisputeClosedError
    row.submission = "submitting"
    row.submitted_evidence = evidence.to_fields(pack, statement)
    row.submitted_by = current_scope().actor
    row.submitted_at = row.updated_at = clock.now()
    jobs.schedule(RECOVER_TIMER, row.id, clock.now() + RECOVER_AFTER)


def _hand_in(dispute_id: UUID, *, looks_first: bool) -> None:
    with transaction():
        row = dispute_queries.get_dispute(dispute_id)
    if row.submission != "submitting":
        return
    try:
        found = _ask(row, looks_first=looks_first)
    except (contract.NoAnswerError, contract.BusyError) as error:
        log.warning("dispute.no_answer", dispute_id=str(dispute_id), reason=type(error).__name__)
        return
    with transaction():
        row = dispute_queries.get_dispute(dispute_id, lock=True)
        is_ours = found.metadata.get(METADATA_KEY) == str(dispute_id)
        row.submission = ("submitted" if is_ours else "elsewhere") if found.submissions else "none"
        if row.submission != "submitted":
            row.submitted_evidence = row.submitted_by = row.submitted_at = None
        jobs.cancel(RECOVER_TIMER, dispute_id)
        keep_dispute(row.account_ref, found)


def _ask(row: Dispute, *, looks_first: bool) -> DisputeState:
    """The dispute once the evidence is handed in, or as it is where it is not taken; its metadata says whose it was.

    After a loss it is looked up first: the processor repeats a failure of its own for as long as it keeps the key.
    """
    if looks_first:
        found = processor().fetch_dispute(account=row.account_ref, dispute_ref=row.dispute_ref)
        if found.submissions:
            return found
    try:
        return processor().submit_evidence(
            account=row.account_ref,
            key=f"{row.tenant_id}:{row.id}:evidence",
            dispute_ref=row.dispute_ref,
            evidence=row.submitted_evidence or {},
            metadata={"tenant_id": str(row.tenant_id), METADATA_KEY: str(row.id)},
        )
    except contract.RefusedError as error:
        log.warning("dispute.refused", dispute_id=str(row.id), code=error.code)
        return processor().fetch_dispute(account=row.account_ref, dispute_ref=row.dispute_ref)

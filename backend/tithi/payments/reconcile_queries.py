# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Our side of a reconciliation: everything known here of what the processor shows for a stretch of time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, or_, select, text

from tithi.integrations.stripe.contract import BalanceEntry
from tithi.payments.comparing import Known, KnownAttempt, KnownDispute, KnownPayment, KnownRefund, Shown
from tithi.payments.models import BalanceMovement, Dispute, Payment, PaymentAttempt, Payout, PayoutAccount, Refund
from tithi.payments.splits import AT_PROCESSOR, HELD, Lines
from tithi.platform.db import session

CHARGED = frozenset({"charge", "payment"})
SETTLED = frozenset({"succeeded", "settled_elsewhere", "waived", "written_off"})

_LINES = text(
    """
    SELECT kind, source_id, account, amount_cents FROM ledger_entries WHERE source_id = ANY (CAST(:sources AS uuid[]))
    """
)
_UNBACKED = text(
    """
    SELECT (e.occurred_at AT TIME ZONE :zone)::date AS day, e.currency, min(e.occurred_at) AS occurred_at,
        sum(e.amount_cents)::bigint AS amount_cents
    FROM ledger_entries e LEFT JOIN payments p ON p.tenant_id = e.tenant_id AND p.id = e.payment_id
    WHERE e.kind = ANY (:kinds) AND e.account = ANY (:held) AND e.occurred_at >= :since AND e.occurred_at < :until
        AND e.created_at < :before AND (p.id IS NULL OR p.method = 'card')
        AND NOT e.source_id = ANY (CAST(:explained AS uuid[]))
        AND NOT EXISTS (SELECT FROM balance_movements m WHERE m.tenant_id = e.tenant_id AND m.source_id = e.source_id)
        AND NOT EXISTS (SELECT FROM payment_attempts t JOIN payout_accounts a ON a.tenant_id = t.tenant_id
            WHERE t.tenant_id = e.tenant_id AND t.payment_id = e.payment_id AND t.status = 'succeeded'
            AND t.account_ref <> a.account_ref)
    GROUP BY 1, 2 HAVING sum(e.amount_cents) <> 0 ORDER BY 1, 2
    """
)
_UNTIED = text(
    """
    SELECT (m.occurred_at AT TIME ZONE :zone)::date AS day, m.currency, min(m.occurred_at) AS occurred_at,
        sum(m.net_cents)::bigint AS processor_cents, sum(coalesce(l.held, 0))::bigint AS ledger_cents
    FROM balance_movements m LEFT JOIN LATERAL (
        SELECT sum(e.amount_cents)::bigint AS held FROM ledger_entries e
        WHERE e.tenant_id = m.tenant_id AND e.source_id = m.source_id AND e.account = ANY (:held)
            AND (e.kind IN (m.fact_kind, m.fact_kind || '_corrected')
                OR m.fact_kind = 'capture' AND e.kind IN ('processor_fee', 'processor_fee_corrected'))
    ) l ON true
    WHERE m.fact_kind IS NOT NULL AND m.occurred_at >= :since AND m.occurred_at < :until
        AND NOT m.source_id = ANY (CAST(:explained AS uuid[])) AND m.net_cents <> coalesce(l.held, 0)
    GROUP BY 1, 2 ORDER BY 1, 2
    """
)


_ON_FORMER_ACCOUNT = PaymentAttempt.account_ref != select(PayoutAccount.account_ref).scalar_subquery()
"""What a business charged on an account that it has replaced stays there, and is not shown by the present one."""


def known_of(shown: Shown, *, since: datetime, until: datetime) -> Known:
    """What is known of the objects shown, and of what was asked for in that time and is perhaps not shown."""
    refunds = _refunds(shown, since, until)
    attempts = _attempts(shown, since, until, [refund.payment_id for refund, _ in refunds])
    owed = {attempt.payment_id for attempt in attempts} | {refund.payment_id for refund, _ in refunds}
    named = [found.metadata.get("payment_id") for found in shown.charges]
    payments = _payments(owed, [name for name in named if name])
    sources = [*(attempt.id for attempt in attempts), *(refund.id for refund, _ in refunds)]
    return Known(
        attempts=tuple(attempts),
        payments=payments,
        refunds=tuple(_known_refund(refund, currency) for refund, currency in refunds),
        disputes=_disputes([one.dispute_ref for one in shown.disputes]),
        payouts=_payouts([one.payout_ref for one in shown.payouts]),
        lines=lines_of(sources),
    )


def lines_of(sources: Iterable[UUID]) -> Mapping[tuple[str, UUID], Lines]:
    """What was posted for each source, by kind, with its corrections."""
    found: defaultdict[tuple[str, UUID], dict[str, int]] = defaultdict(dict)
    for row in session().execute(_LINES, {"sources": [str(source) for source in sources]}):
        lines = found[row.kind.removesuffix("_corrected"), row.source_id]
        lines[row.account] = lines.get(row.account, 0) + row.amount_cents
    return found


def unbacked_days(
    *, since: datetime, until: datetime, before: datetime, zone: str, explained: Iterable[UUID]
) -> list[dict[str, Any]]:
    """The days with entries that no movement at the processor stands behind, and what these come to."""
    rows = session().execute(
        _UNBACKED,
        {
            "zone": zone,
            "kinds": sorted(AT_PROCESSOR),
            "held": sorted(HELD),
            "since": since,
            "until": until,
            "before": before,
            "explained": [str(source) for source in explained],
        },
    )
    return [dict(row) | {"ledger_cents": row["amount_cents"], "processor_cents": 0} for row in rows.mappings()]


def untied_days(*, since: datetime, until: datetime, zone: str, explained: Iterable[UUID]) -> list[dict[str, Any]]:
    """The days with movements whose entries come to something else."""
    rows = session().execute(
        _UNTIED,
        {
            "zone": zone,
            "held": sorted(HELD),
            "since": since,
            "until": until,
            "explained": [str(source) for source in explained],
        },
    )
    return [dict(row) for row in rows.mappings()]


def facts_of_movements(shown: Shown) -> dict[str, tuple[str, UUID]]:
    """Which fact of ours each balance entry is, by the entry's reference."""
    charges = [one for one in shown.entries if one.kind in CHARGED]
    attempts = _ids_by_reference(PaymentAttempt, PaymentAttempt.charge_ref, _sources(charges))
    refunds = _ids_by_reference(Refund, Refund.refund_ref, _sources(shown.entries))
    payouts = _ids_by_reference(Payout, Payout.payout_ref, _sources(shown.entries))
    disputes = _disputes_by_entry(shown)
    found: dict[str, tuple[str, UUID]] = {}
    for entry in shown.entries:
        source, is_back = entry.source_ref or "", entry.amount_cents > 0
        for ids, name, kind in (
            (attempts, source if entry.kind in CHARGED else "", "capture"),
            (refunds, source, "refund_failed" if is_back else "refund"),
            (disputes, entry.entry_ref, "dispute_returned" if is_back else "dispute"),
            (payouts, source, "payout_returned" if is_back else "payout"),
        ):
            if name in ids:
                found[entry.entry_ref] = (kind, ids[name])
    return found


def open_disputes() -> list[str]:
    """What we know the bank has not decided, whenever it began."""
    undecided = Dispute.status.in_(["needs_response", "under_review", "warning"])
    return list(session().scalars(select(Dispute.dispute_ref).where(undecided)))


def payout_ids(references: Iterable[str]) -> list[UUID]:
    return list(session().scalars(select(Payout.id).where(Payout.payout_ref.in_(list(references)))))


def mirrored_entries(references: Iterable[str]) -> dict[str, BalanceMovement]:
    statement = select(BalanceMovement).where(BalanceMovement.entry_ref.in_(list(references)))
    return {row.entry_ref: row for row in session().scalars(statement)}


def _sources(entries: Iterable[BalanceEntry]) -> list[str]:
    return [entry.source_ref for entry in entries if entry.source_ref]


def _disputes_by_entry(shown: Shown) -> dict[str, UUID]:
    """By their entries, because an entry of a dispute may name the charge as its source."""
    ids = _ids_by_reference(Dispute, Dispute.dispute_ref, [one.dispute_ref for one in shown.disputes])
    return {
        entry.entry_ref: ids[one.dispute_ref]
        for one in shown.disputes
        for entry in one.entries
        if one.dispute_ref in ids
    }


def _ids_by_reference(model: Any, column: Any, references: list[str]) -> dict[str, UUID]:  # noqa: ANN401 - any of ours
    rows = session().execute(select(column, model.id).where(column.in_(references)))
    return {reference: found for reference, found in rows}  # noqa: C416 - rows are not pairs to the type checker


def _disputes(references: list[str]) -> dict[str, KnownDispute]:
    return {
        row.dispute_ref: KnownDispute(status=row.status, amount_cents=row.amount_cents, payment_id=row.payment_id)
        for row in session().scalars(select(Dispute).where(Dispute.dispute_ref.in_(references)))
    }


def _payouts(references: list[str]) -> dict[str, tuple[str, int]]:
    rows = session().scalars(select(Payout).where(Payout.payout_ref.in_(references)))
    return {row.payout_ref: (row.status, row.amount_cents) for row in rows}


def _attempts(shown: Shown, since: datetime, until: datetime, payment_ids: Iterable[UUID]) -> list[KnownAttempt]:
    intents = [one.intent_ref for one in shown.charges] + [one.intent_ref for one in shown.refunds if one.intent_ref]
    intents += [one.intent_ref for one in shown.disputes if one.intent_ref]
    own = [found for one in shown.charges if (found := one.metadata.get("attempt_id"))]
    statement = select(PaymentAttempt).where(
        or_(
            PaymentAttempt.intent_ref.in_(intents),
            cast(PaymentAttempt.id, Text).in_(own),
            PaymentAttempt.payment_id.in_(list(payment_ids)) & (PaymentAttempt.status == "succeeded"),
            (PaymentAttempt.submitted_at >= since) & (PaymentAttempt.submitted_at < until),
        ),
        ~_ON_FORMER_ACCOUNT,
    )
    return [
        KnownAttempt(
            id=row.id,
            payment_id=row.payment_id,
            intent_ref=row.intent_ref,
            status=row.status,
            amount_cents=row.amount_cents,
            submitted_at=row.submitted_at,
        )
        for row in session().scalars(statement.order_by(PaymentAttempt.created_at, PaymentAttempt.id))
    ]


def _payments(ids: Iterable[UUID], named: list[str]) -> dict[UUID, KnownPayment]:
    statement = select(Payment).where(or_(Payment.id.in_(list(ids)), cast(Payment.id, Text).in_(named)))
    return {
        row.id: KnownPayment(
            id=row.id,
            currency=row.currency,
            is_settled=row.status in SETTLED,
            captured_cents=max(0, row.captured_cents - row.gift_card_cents),
            gift_card_cents=row.gift_card_cents,
            refunded_cents=row.refunded_cents,
        )
        for row in session().scalars(statement)
    }


def _refunds(shown: Shown, since: datetime, until: datetime) -> list[tuple[Refund, str]]:
    refs = [one.refund_ref for one in shown.refunds]
    own = [found for one in shown.refunds if (found := one.metadata.get("refund_id"))]
    statement = (
        select(Refund, Payment.currency)
        .join(Payment, (Payment.tenant_id == Refund.tenant_id) & (Payment.id == Refund.payment_id))
        .where(
            Payment.method == "card",
            Refund.gift_card_cents == 0,
            or_(
                Refund.refund_ref.in_(refs),
                cast(Refund.id, Text).in_(own),
                (Refund.submitted_at >= since) & (Refund.submitted_at < until),
                Refund.status == "pending",
            ),
            ~Payment.id.in_(
                select(PaymentAttempt.payment_id).where(PaymentAttempt.status == "succeeded", _ON_FORMER_ACCOUNT)
            ),
        )
    )
    return [(row, currency) for row, currency in session().execute(statement)]


def _known_refund(row: Refund, currency: str) -> KnownRefund:
    return KnownRefund(
        id=row.id,
        payment_id=row.payment_id,
        refund_ref=row.refund_ref,
        status=row.status,
        amount_cents=row.amount_cents,
        currency=currency,
        submitted_at=row.submitted_at,
    )

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Making our books the processor's: everything of a stretch of time is read there, applied, and compared."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from tithi.integrations.stripe import contract
from tithi.payments import queries, reconcile_queries
from tithi.payments.comparing import REFUNDS_MADE, Finding, Shown, Step, compare
from tithi.payments.errors import PayoutAccountMissingError, ProcessorFailedError
from tithi.payments.processor import processor
from tithi.payments.service import breaks
from tithi.payments.service.accounts import RECONCILE_EVERY, RECONCILE_TIMER, WITHDRAWN, refresh_account
from tithi.payments.service.corrections import carry_out
from tithi.payments.service.events_in import apply_object
from tithi.payments.service.payouts import keep_movements
from tithi.platform import clock, jobs
from tithi.platform.db import transaction
from tithi.tenants import queries as tenants

LOOKS_BACK = timedelta(days=30)
LOOKS_AHEAD = timedelta(hours=1)
RETRY_AFTER = timedelta(hours=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What a run did: objects read, steps applied, breaks found, and how many of that time are open."""

    since: datetime
    until: datetime
    read: int
    events_fetched: int
    applied: int
    breaks_found: int
    breaks_open: int


def reconcile_daily(*, account_id: UUID) -> None:
    """Reconcile the last 30 days, and plan the next run; one that fails is run again an hour later."""
    with transaction():
        account = queries.payout_account()
        if account is None or account.id != account_id or account.account_ref is None:
            return
        jobs.schedule(RECONCILE_TIMER, account_id, clock.now() + RETRY_AFTER)
    done = reconcile(since=None, until=None)
    with transaction():
        jobs.schedule(RECONCILE_TIMER, account_id, clock.now() + RECONCILE_EVERY)
    if done.breaks_open:
        log.error("reconciliation.breaks_open", count=done.breaks_open)


def reconcile(*, since: datetime | None, until: datetime | None) -> Reconciliation:
    """Reconcile what happened between two instants, by default in the last 30 days; opens its own transactions.

    Raises:
        PayoutAccountMissing: the business has no account, or has withdrawn it.
        ProcessorFailed: the processor did not answer; what was applied by then stays.
    """
    now = clock.now()
    since = since or now - LOOKS_BACK
    until = until or now + LOOKS_AHEAD
    with transaction():
        account = queries.payout_account()
        if account is None or account.account_ref is None or account.withdrawn_at is not None:
            raise PayoutAccountMissingError
        account_ref = account.account_ref
    try:
        events = _apply_undelivered(account_ref, since)
        shown = _read(account_ref, since, until)
        shown = _with_what_is_not_listed(account_ref, shown, since, until)
    except contract.ProcessorError as error:
        if isinstance(error, contract.RefusedError) and error.code in WITHDRAWN:
            refresh_account(account_ref=account_ref)
        raise ProcessorFailedError from error
    with transaction():
        steps = compare(shown, reconcile_queries.known_of(shown, since=since, until=until))
    done = [(step, carry_out(step, account_ref)) for step in steps]
    with transaction():
        keep_movements(shown)
    found = [(step.finding, is_done) for step, is_done in done if step.finding is not None]
    with transaction():
        found += [(finding, False) for finding in _days(done, since=since, until=until, before=now)]
        fresh, still_open = breaks.record(found, since=since, until=until)
    return Reconciliation(
        since=since,
        until=until,
        read=sum(map(len, (shown.charges, shown.refunds, shown.disputes, shown.payouts, shown.entries))),
        events_fetched=events,
        applied=sum(is_done for _, is_done in done),
        breaks_found=fresh,
        breaks_open=still_open,
    )


def _apply_undelivered(account_ref: str, since: datetime) -> int:
    """Fetch what the events that never reached us were about."""
    events = processor().list_undelivered_events(account=account_ref, since=since)
    about = {(event.object_type, event.object_ref) for event in events}
    for object_type, object_ref in sorted(about):
        try:
            apply_object(account_ref=account_ref, object_type=object_type, object_ref=object_ref)
        except contract.RefusedError as error:
            log.warning("reconciliation.object_refused", object_type=object_type, code=error.code)
    return len(events)


def _read(account_ref: str, since: datetime, until: datetime) -> Shown:
    read = processor()
    window = {"since": since, "until": until}
    payouts = read.list_payouts(account=account_ref, **window)
    return Shown(
        charges=tuple(read.list_charges(account=account_ref, **window)),
        refunds=tuple(read.list_refunds(account=account_ref, **window)),
        disputes=tuple(read.list_disputes(account=account_ref, **window)),
        payouts=tuple(payouts),
        payout_entries={
            one.payout_ref: tuple(read.list_payout_entries(account=account_ref, payout_ref=one.payout_ref))
            for one in payouts
            if one.is_automatic
        },
        entries=tuple(read.list_balance_entries(account=account_ref, **window)),
    )


def _with_what_is_not_listed(account_ref: str, shown: Shown, since: datetime, until: datetime) -> Shown:
    """Ask one by one for what we say happened in that time and no list shows; it may have begun before."""
    with transaction():
        known = reconcile_queries.known_of(shown, since=since, until=until)
        undecided = set(reconcile_queries.open_disputes()) - {one.dispute_ref for one in shown.disputes}
    intents = {one.intent_ref for one in known.attempts if one.status == "succeeded" and one.intent_ref}
    intents -= {one.intent_ref for one in shown.charges}
    charges = [found for intent in sorted(intents) if (found := _charge(account_ref, intent)) is not None]
    made = {one.refund_ref for one in known.refunds if one.status in REFUNDS_MADE and one.refund_ref}
    made -= {one.refund_ref for one in shown.refunds}
    refunds = [back for refund_ref in sorted(made) if (back := _refund(account_ref, refund_ref)) is not None]
    disputes = [processor().fetch_dispute(account=account_ref, dispute_ref=one) for one in sorted(undecided)]
    return replace(
        shown,
        charges=(*shown.charges, *charges),
        refunds=(*shown.refunds, *refunds),
        disputes=(*shown.disputes, *disputes),
    )


def _charge(account_ref: str, intent_ref: str) -> contract.ChargeState | None:
    try:
        return processor().fetch_charge(account=account_ref, intent_ref=intent_ref)
    except contract.RefusedError:
        return None


def _refund(account_ref: str, refund_ref: str) -> contract.RefundState | None:
    try:
        return processor().fetch_refund(account=account_ref, refund_ref=refund_ref)
    except contract.RefusedError:
        return None


def _days(done: Iterable[tuple[Step, bool]], *, since: datetime, until: datetime, before: datetime) -> list[Finding]:
    """The days whose ledger and balance differ by more than the breaks that were found already."""
    explained = [
        step.source_id for step, is_done in done if step.finding is not None and step.source_id and not is_done
    ]
    differing = [step.payout.payout_ref for step, _ in done if step.payout is not None and step.finding is not None]
    explained += reconcile_queries.payout_ids(differing)
    zone = tenants.first_location().timezone
    days = reconcile_queries.unbacked_days(
        since=since, until=until, before=before, zone=zone, explained=explained
    ) + reconcile_queries.untied_days(since=since, until=until, zone=zone, explained=explained)
    return [
        Finding(
            kind="ledger_unbalanced_day",
            reference=f"{day['day'].isoformat()} {day['currency']}",
            payment_id=None,
            ledger_cents=day["ledger_cents"],
            processor_cents=day["processor_cents"],
            currency=day["currency"],
            occurred_at=day["occurred_at"],
        )
        for day in days
    ]

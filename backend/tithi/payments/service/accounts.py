# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The business's own account at the processor."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from tithi.integrations.stripe.contract import AccountLink, AccountState, ProcessorError, RefusedError
from tithi.payments import banners, queries
from tithi.payments.errors import ProcessorFailedError
from tithi.payments.events import AccountRestricted, AccountWithdrawn
from tithi.payments.models import Card, PayoutAccount
from tithi.payments.processor import processor
from tithi.platform import clock, jobs
from tithi.platform.db import session, transaction
from tithi.platform.events import publish
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.tenants import queries as tenants

RECONCILE_TIMER = "payments.reconcile"
RECONCILE_EVERY = timedelta(days=1)
ACTIVATE_TIMER = "payments.activate_account"
WITHDRAWN = frozenset({"account_invalid", "not_found", "resource_missing"})


def begin_onboarding(
    *, refresh_url: str, return_url: str, metadata: Mapping[str, str] | None = None
) -> tuple[PayoutAccount, AccountLink]:
    """Open the account where there is none, or none any more, and make the link where the business completes it.

    Runs its own transactions; the account's row is committed before the processor is asked, so that a repeat after a
    crash finds the same account.

    Raises:
        ProcessorFailed: the processor did not answer or refused.
    """
    with transaction():
        account_id = _row_of_tenant()
        tenant = tenants.get_tenant()
        account = queries.payout_account()
        known = account.account_ref if account else None
    key = f"{tenant.id}:{account_id}"
    try:
        state = (_fetch(known) if known else None) or processor().create_account(
            key=f"{key}:account:{known}" if known else f"{key}:account",
            email=tenant.email,
            country=tenant.country,
            currency=tenant.currency,
            business_name=tenant.name,
            metadata={"tenant_id": str(tenant.id), **(metadata or {})},
        )
        link = processor().create_account_link(
            account=state.account_ref, key=f"{key}:link:{new_id()}", refresh_url=refresh_url, return_url=return_url
        )
    except ProcessorError as error:
        raise ProcessorFailedError from error
    with transaction():
        return _keep(state), link


def refresh_account(*, account_ref: str) -> None:
    """Mirror the account's capabilities as the processor has them now; one that was taken from us has none."""
    state = _fetch(account_ref)
    if state is not None:
        with transaction():
            _keep(state)


def refresh_own_account() -> dict[str, Any]:
    """Ask the processor how the business's account stands, where there is one, and show it; opens its own transactions.

    Raises:
        ProcessorFailed: the processor did not answer or refused.
    """
    with transaction():
        account = queries.payout_account()
    if account is not None and account.account_ref is not None:
        try:
            refresh_account(account_ref=account.account_ref)
        except ProcessorError as error:
            raise ProcessorFailedError from error
    with transaction():
        return queries.show_payout_account()


def _fetch(account_ref: str) -> AccountState | None:
    """The account as it is now, with no transaction open; None, and noted, where it was taken from us."""
    try:
        return processor().fetch_account(account=account_ref)
    except RefusedError as error:
        if error.code not in WITHDRAWN:
            raise
    with transaction():
        _lose(account_ref)
    return None


def _lose(account_ref: str) -> None:
    """The business withdrew our access: its cards cannot be charged any more."""
    account = queries.payout_account()
    if account is None or account.account_ref != account_ref or account.withdrawn_at is not None:
        return
    now = clock.now()
    account.card_payments = account.payouts = "inactive"
    account.requirements_due, account.requirements_due_by = 0, None
    account.withdrawn_at = account.refreshed_at = now
    kept = update(Card).where(Card.account_ref == account_ref, Card.status == "card_on_file")
    session().execute(kept.values(status="unreachable"))
    jobs.cancel(RECONCILE_TIMER, account.id)
    jobs.cancel(ACTIVATE_TIMER, account.id)
    publish(AccountWithdrawn(account_id=account.id, at=now))


def _row_of_tenant() -> UUID:
    session().execute(
        insert(PayoutAccount)
        .values(tenant_id=current_tenant_id(), id=new_id(), created_at=clock.now())
        .on_conflict_do_nothing(index_elements=["tenant_id"])
    )
    account = queries.payout_account()
    if account is None:
        raise ProcessorFailedError
    return account.id


def _keep(state: AccountState) -> PayoutAccount:
    account = session().scalars(select(PayoutAccount).with_for_update()).one_or_none()
    if account is None:
        raise ProcessorFailedError
    before, could_charge = queries.banner_of(account), account.card_payments == banners.ACTIVE
    now = clock.now()
    if account.account_ref != state.account_ref:
        account.account_ref, account.activated_at = state.account_ref, None
    account.card_payments = state.card_payments
    account.payouts = state.payouts
    account.details_submitted = state.details_submitted
    account.requirements_due = state.requirements_due
    account.requirements_due_by = state.requirements_due_by
    account.live = state.live
    account.withdrawn_at = None
    account.refreshed_at = now
    can_charge = state.card_payments == banners.ACTIVE
    if could_charge and account.activated_at is None:
        account.activated_at = account.created_at
    if can_charge and not could_charge:
        account.activated_at = now
        jobs.schedule(ACTIVATE_TIMER, account.id, now)
    jobs.ensure(RECONCILE_TIMER, account.id, now + RECONCILE_EVERY)
    after = queries.banner_of(account)
    if after != before and after in banners.WORRYING:
        publish(AccountRestricted(account_id=account.id, banner=after, at=now))
    return account

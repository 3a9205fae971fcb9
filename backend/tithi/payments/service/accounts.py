# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The business's own account at the processor."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from tithi.integrations.stripe.contract import AccountLink, AccountState, ProcessorError, RefusedError
from tithi.payments import queries
from tithi.payments.errors import ProcessorFailedError
from tithi.payments.events import AccountWithdrawn
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
WITHDRAWN = frozenset({"account_invalid", "not_found", "resource_missing"})


def begin_onboarding(
    *, refresh_url: str, return_url: str, metadata: Mapping[str, str] | None = None
) -> tuple[PayoutAccount, AccountLink]:
    """Open the account where there is none, and make the link where the business completes it.

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
        state = (
            processor().fetch_account(account=known)
            if known
            else processor().create_account(
                key=f"{key}:account",
                email=tenant.email,
                country=tenant.country,
                currency=tenant.currency,
                business_name=tenant.name,
                metadata={"tenant_id": str(tenant.id), **(metadata or {})},
            )
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
    try:
        state = processor().fetch_account(account=account_ref)
    except RefusedError as error:
        if error.code not in WITHDRAWN:
            raise
        with transaction():
            _lose(account_ref)
        return
    with transaction():
        _keep(state)


def _lose(account_ref: str) -> None:
    """The business withdrew our access: its cards cannot be charged any more."""
    account = queries.payout_account()
    if account is None or account.account_ref != account_ref or account.withdrawn_at is not None:
        return
    account.card_payments = account.payouts = "inactive"
    account.withdrawn_at = account.refreshed_at = clock.now()
    session().execute(update(Card).where(Card.account_ref == account_ref).values(status="detached"))
    jobs.cancel(RECONCILE_TIMER, account.id)
    publish(AccountWithdrawn(account_id=account.id))


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
    account = queries.payout_account()
    if account is None:
        raise ProcessorFailedError
    account.account_ref = state.account_ref
    account.card_payments = state.card_payments
    account.payouts = state.payouts
    account.details_submitted = state.details_submitted
    account.live = state.live
    account.withdrawn_at = None
    account.refreshed_at = clock.now()
    jobs.ensure(RECONCILE_TIMER, account.id, clock.now() + RECONCILE_EVERY)
    return account

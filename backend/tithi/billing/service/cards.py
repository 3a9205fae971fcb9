# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The card that the business pays with: kept by the processor, on the platform's account, for charges to come."""

from typing import Any
from uuid import UUID

from tithi.billing import queries
from tithi.billing.errors import (
    BillingUnavailableError,
    SubscriptionCardDeclinedError,
    SubscriptionRefusedError,
)
from tithi.billing.processor import billing
from tithi.billing.service import changes
from tithi.billing.service.calls import setup_outcome
from tithi.billing.service.opening import open_subscription
from tithi.integrations.stripe import contract
from tithi.platform import clock
from tithi.platform.db import transaction
from tithi.platform.idempotency import work_id


def enter(*, payment_method_ref: str | None) -> dict[str, Any]:
    """Begin to keep a card; the answer's secret lets the owner's browser confirm it.

    Raises:
        BillingUnavailable: the processor did not answer; the same request takes it up again.
        SubscriptionCardDeclined: the named card cannot be kept.
        SubscriptionRefused: there is no such card.
    """
    with transaction():
        row, change_id = open_subscription(), work_id()
        if queries.find_change(change_id) is None:
            changes.write(row, "card", {"payment_method_ref": payment_method_ref}, change_id=change_id)
    changes.carry_out(change_id=change_id)
    with transaction():
        change = queries.get_change(change_id)
    if change.status == "refused" and change.setup_ref is None:
        raise SubscriptionRefusedError(details={"reason": change.refusal_code})
    if change.status == "refused":
        raise SubscriptionCardDeclinedError(details={"decline_code": change.refusal_code})
    if change.status not in {"waiting", "done"} or change.setup_ref is None:
        raise BillingUnavailableError
    return {
        "card_status": "card_on_file" if change.status == "done" else "card_pending",
        "client_secret": _secret(change.setup_ref) if change.status == "waiting" else None,
        "publishable_key": billing().publishable_key,
    }


def collect_waiting() -> None:
    """Look whether the owner confirmed the newest card; without an answer it is as before."""
    with transaction():
        change = queries.waiting_card()
    if change is None:
        return
    try:
        collect(change_id=change.id)
    except contract.ProcessorError as error:
        raise BillingUnavailableError from error


def collect(*, change_id: UUID) -> None:
    """Fetch a card's setup and charge the card from now on where it succeeded."""
    with transaction():
        change, row = queries.find_change(change_id), queries.find_subscription()
    if change is None or row is None or change.status != "waiting" or change.setup_ref is None:
        return
    read_at = clock.now()
    setup, _ = billing().processor.fetch_setup(setup_ref=change.setup_ref)
    outcome = setup_outcome(change, row, setup)
    if outcome.waits:
        return
    with transaction():
        changes.keep(change_id, outcome, read_at=read_at)


def _secret(setup_ref: str) -> str:
    try:
        setup, _ = billing().processor.fetch_setup(setup_ref=setup_ref)
    except contract.ProcessorError as error:
        raise BillingUnavailableError from error
    return setup.client_secret

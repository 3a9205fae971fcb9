# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from uuid import UUID

from tithi.payments import service
from tithi.payments.service.accounts import ACTIVATE_TIMER, RECONCILE_TIMER
from tithi.payments.service.charging import RENEW_TIMER
from tithi.payments.service.deposits import RETURN_TIMER
from tithi.payments.service.events_in import ENDPOINT
from tithi.payments.service.more import TOP_UP_TIMER
from tithi.platform.ingest import Received, consumes
from tithi.platform.jobs import timer


@timer("payments.recover_attempt", network=True)
def recover_attempt(attempt_id: UUID) -> None:
    service.recover_attempt(attempt_id=attempt_id)


@timer("payments.recover_money", network=True)
def recover_money(payment_id: UUID) -> None:
    service.recover_money(payment_id=payment_id)


@timer("payments.recover_setup", network=True)
def recover_setup(setup_id: UUID) -> None:
    service.recover_setup(setup_id=setup_id)


@timer("payments.recover_refund", network=True)
def recover_refund(refund_id: UUID) -> None:
    service.recover_refund(refund_id=refund_id)


@timer(RETURN_TIMER, network=True)
def return_deposit(payment_id: UUID) -> None:
    service.return_deposit(payment_id=payment_id)


@timer(RENEW_TIMER, network=True)
def renew_hold(attempt_id: UUID) -> None:
    service.renew_hold(attempt_id=attempt_id)


@timer(TOP_UP_TIMER, network=True)
def top_up(payment_id: UUID) -> None:
    service.top_up(payment_id=payment_id)


@timer("payments.expire_gift_card")
def expire_gift_card(gift_card_id: UUID) -> None:
    service.expire_gift_card(gift_card_id=gift_card_id)


@timer("payments.recover_evidence", network=True)
def recover_evidence(dispute_id: UUID) -> None:
    service.recover_evidence(dispute_id=dispute_id)


@timer(ACTIVATE_TIMER, network=True)
def activate_account(account_id: UUID) -> None:
    service.activate_account(account_id=account_id)


@timer(RECONCILE_TIMER, network=True)
def reconcile(account_id: UUID) -> None:
    service.reconcile_daily(account_id=account_id)


@consumes(ENDPOINT)
def apply_event(received: Received) -> None:
    summary = received.summary
    service.apply_event(
        account_ref=summary["account_ref"],
        object_type=summary["object_type"],
        object_ref=summary["object_ref"],
        live=summary.get("live", False),
    )

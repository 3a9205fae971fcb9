# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from uuid import UUID

from tithi.billing import service
from tithi.billing.service.changes import RECONCILE_TIMER, RECOVER_TIMER
from tithi.billing.service.events_in import ENDPOINT
from tithi.billing.service.limits import TIMER as LIMIT_TIMER
from tithi.platform.ingest import Received, consumes
from tithi.platform.jobs import timer


@timer(RECOVER_TIMER, network=True)
def recover_change(change_id: UUID) -> None:
    service.recover(change_id=change_id)


@timer(RECONCILE_TIMER, network=True)
def reconcile(_subscription_id: UUID) -> None:
    service.reconcile()


@timer(LIMIT_TIMER)
def tell_limit(_subscription_id: UUID) -> None:
    service.tell_limit()


@consumes(ENDPOINT)
def apply_event(received: Received) -> None:
    summary = received.summary
    service.apply_event(
        account_ref=summary["account_ref"],
        live=summary["live"],
        object_type=summary["object_type"],
        object_ref=summary["object_ref"],
    )

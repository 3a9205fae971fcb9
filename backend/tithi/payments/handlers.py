# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.payments import service
from tithi.payments.events import (
    CardSaved,
    HoldLost,
    PaymentCaptured,
    PaymentFailed,
    PaymentNeedsCustomer,
    PaymentSettledElsewhere,
    PaymentWaived,
)
from tithi.platform.events import hears


@hears(PaymentNeedsCustomer)
def begin_recovery(event: PaymentNeedsCustomer) -> None:
    service.begin_recovery(payment_id=event.payment_id)


@hears(PaymentFailed)
def recover_declined(event: PaymentFailed) -> None:
    service.begin_recovery(payment_id=event.payment_id)


@hears(PaymentCaptured)
def end_recovery(event: PaymentCaptured) -> None:
    service.end_recovery(payment_id=event.payment_id)
    service.unblock_payer(customer_id=event.customer_id)


@hears(PaymentSettledElsewhere)
def end_recovery_at_desk(event: PaymentSettledElsewhere) -> None:
    service.end_recovery(payment_id=event.payment_id)
    service.unblock_payer(customer_id=event.customer_id)


@hears(PaymentWaived)
def unblock_waived(event: PaymentWaived) -> None:
    service.unblock_payer(customer_id=event.customer_id)


@hears(HoldLost, network=True)
def charge_without_hold(event: HoldLost) -> None:
    service.charge_if_owed(owner_id=event.owner_id)


@hears(CardSaved, network=True)
def charge_new_card(event: CardSaved) -> None:
    service.charge_new_card(customer_id=event.customer_id)

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from dataclasses import asdict
from typing import Any

from tithi.billing import queries
from tithi.billing.errors import BillingUnavailableError
from tithi.billing.processor import billing
from tithi.integrations.stripe.contract import ProcessorError
from tithi.platform.db import transaction


def list_invoices(*, limit: int) -> list[dict[str, Any]]:
    """The business's invoices as the processor has them, newest first; their addresses expire, so none are kept.

    Raises:
        BillingUnavailable: the processor did not answer.
    """
    with transaction():
        row = queries.find_subscription()
    if row is None or row.customer_ref is None:
        return []
    try:
        found = billing().processor.list_invoices(customer_ref=row.customer_ref, limit=limit)
    except ProcessorError as error:
        raise BillingUnavailableError from error
    return [asdict(invoice) for invoice in found]

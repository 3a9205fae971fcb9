# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The configured payment processor of this process."""

from dataclasses import dataclass

from flask import current_app

from tithi.integrations.stripe.bookkeeping import BookkeepingProcessor


@dataclass(frozen=True, slots=True)
class Processing:
    processor: BookkeepingProcessor
    webhook_secrets: tuple[str, ...]
    publishable_key: str


def processing() -> Processing:
    found: Processing = current_app.extensions["tithi.payments"]
    return found


def processor() -> BookkeepingProcessor:
    return processing().processor


def publishable_key() -> str:
    return processing().publishable_key

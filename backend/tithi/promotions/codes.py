# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Codes as people type them; no database and no clock."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The codes that a visit is booked with."""

    coupon: str | None = None
    gift_card: str | None = None
    package: str | None = None
    referral: str | None = None

    def __bool__(self) -> bool:
        return any(code is not None for code in (self.coupon, self.gift_card, self.package, self.referral))


NO_CODES = Codes()


def codes_of(body: Mapping[str, Any]) -> Codes:
    """The codes that a request names."""
    return Codes(
        coupon=body.get("coupon_code"),
        gift_card=body.get("gift_card_code"),
        package=body.get("package_code"),
        referral=body.get("referral_code"),
    )


def normalise(code: str) -> str:
    """A coupon's code without case and outer spaces."""
    return unicodedata.normalize("NFKC", code).strip().upper()

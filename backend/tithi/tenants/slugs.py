# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Which words may name a business in a host name."""

import re
import unicodedata

RESERVED = frozenset(
    {
        "admin", "alerts", "api", "app",
        "assets", "auth", "availability", "b", "billing", "blog", "booking", "bookings",
        "calendar", "cdn", "customers", "dashboard", "dev", "docs", "email", "health", "help", "holds", "internal",
        "localhost", "login", "mail", "manage", "messages", "metrics", "notifications", "onboarding", "pay", "payments",
        "public", "root", "services", "signup", "sms", "staff", "static", "status", "stripe", "support", "swagger",
        "system", "team", "test", "tithi", "v1", "webhooks", "www",
    }
)  # fmt: skip
_FORM = re.compile(r"^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$")


def normalise(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


def is_usable(slug: str) -> bool:
    """Three to 63 ASCII letters, digits and inner hyphens, not reserved and not the form of an encoded name."""
    return bool(_FORM.match(slug)) and slug not in RESERVED and not slug.startswith("xn--") and "--" not in slug

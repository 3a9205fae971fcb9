# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The codes of gift cards: derived from an id, so that they can be sent later and need not be kept."""

import base64
import hmac
from uuid import UUID

from tithi.platform.crypto import keyed_hash, purpose_key

CODE_KEY = "gift_card.code"
HASH_KEY = "gift_card.hash"
CODE_BYTES = 10
GROUP = 4


def code_of(tenant_id: UUID, object_id: UUID) -> str:
    """Eighty bits in four groups of letters and digits."""
    digest = hmac.digest(purpose_key(CODE_KEY), tenant_id.bytes + object_id.bytes, "sha256")[:CODE_BYTES]
    text = base64.b32encode(digest).decode()
    return "-".join(text[place : place + GROUP] for place in range(0, len(text), GROUP))


def hash_of(tenant_id: UUID, code: str) -> str:
    """What a code is found by, whatever its case and hyphens."""
    return keyed_hash(HASH_KEY, f"{tenant_id}:{normalise(code)}")


def normalise(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Keys for one purpose each, and links that are derived instead of stored."""

import base64
import hmac
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from flask import current_app

SIGNATURE_BYTES = 20


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """What a link points at; `version` lets its owner revoke the links made before."""

    tenant_id: UUID
    object_id: UUID
    version: int


class LinkInvalidError(Exception):
    """A link's text is malformed or its signature is not ours."""


def purpose_key(purpose: str) -> bytes:
    secret: str = current_app.config["TITHI"].secret_key
    return _derive(secret, purpose)


@lru_cache(maxsize=64)
def _derive(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), purpose.encode(), "sha256")


def keyed_hash(purpose: str, value: str) -> str:
    """HMAC-SHA-256 of `value`, hexadecimal, for look-ups of what must not be stored in clear."""
    return hmac.new(purpose_key(purpose), value.encode(), sha256).hexdigest()


def seal_link(purpose: str, target: LinkTarget) -> str:
    """The bearer text of a link: tenant, object and version in clear, then 160 bits of HMAC."""
    body = target.tenant_id.bytes + target.object_id.bytes + target.version.to_bytes(2, "big")
    signature = hmac.digest(purpose_key(purpose), body, "sha256")[:SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(body + signature).decode().rstrip("=")


def open_link(purpose: str, text: str) -> LinkTarget:
    """Read a link made by `seal_link`.

    Raises:
        LinkInvalidError: the text is not a link of this purpose.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise LinkInvalidError from error
    body, signature = raw[:34], raw[34:]
    expected = hmac.digest(purpose_key(purpose), body, "sha256")[:SIGNATURE_BYTES]
    if len(raw) != 34 + SIGNATURE_BYTES or not hmac.compare_digest(signature, expected):
        raise LinkInvalidError
    return LinkTarget(UUID(bytes=body[:16]), UUID(bytes=body[16:32]), int.from_bytes(body[32:], "big"))

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Addresses that leave the house; they come from the settings, never from a request's host."""

from tithi.platform.pipeline import ports


def public_url(path: str) -> str:
    settings = ports().settings
    return f"{settings.public_scheme}://{settings.base_domain}{path}"


def site_url(slug: str, path: str) -> str:
    """An address on a business's own host."""
    settings = ports().settings
    return f"{settings.public_scheme}://{slug}.{settings.base_domain}{path}"

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The customer's own link to a booking or a place on the waitlist: derived, and void once its version is raised."""

from uuid import UUID

from tithi.bookings.models import Booking, WaitlistEntry
from tithi.platform.access import LinkNotFoundError
from tithi.platform.crypto import LinkTarget, seal_link
from tithi.platform.db import session
from tithi.platform.links import public_url
from tithi.platform.pipeline import MANAGE_LINK, WAITLIST_LINK
from tithi.platform.tenancy import current_tenant_id


def manage_token(booking_id: UUID, version: int) -> str:
    return seal_link(MANAGE_LINK, LinkTarget(current_tenant_id(), booking_id, version))


def manage_url(booking_id: UUID, version: int) -> str:
    return public_url(f"/api/v1/manage/{manage_token(booking_id, version)}")


def booking_of(target: LinkTarget) -> Booking:
    """The booking that a link points at.

    Raises:
        LinkNotFound: it is gone, or the link was revoked.
    """
    found = session().get(Booking, (target.tenant_id, target.object_id))
    if found is None or found.link_version != target.version:
        raise LinkNotFoundError
    return found


def waitlist_token(entry_id: UUID, version: int) -> str:
    return seal_link(WAITLIST_LINK, LinkTarget(current_tenant_id(), entry_id, version))


def waitlist_url(entry_id: UUID, version: int) -> str:
    return public_url(f"/api/v1/waitlist/own/{waitlist_token(entry_id, version)}")


def entry_of(target: LinkTarget) -> WaitlistEntry:
    """The entry on the waitlist that a link points at.

    Raises:
        LinkNotFound: it is gone, or the link was revoked.
    """
    found = session().get(WaitlistEntry, (target.tenant_id, target.object_id))
    if found is None or found.link_version != target.version:
        raise LinkNotFoundError
    return found

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Why somebody does not come into question at all."""

from uuid import UUID

from tithi.bookings.explanation.causes import Cause, cause


def of_inactive(member_id: UUID, name: str) -> Cause:
    return cause(
        "staff_inactive",
        f"{name} is switched off.",
        "Switch the team member on: is_active.",
        team_member_id=member_id,
    )


def of_not_doing(service_id: UUID, member_id: UUID, name: str) -> Cause:
    return cause(
        "does_not_do_service",
        f"{name} does not do this service.",
        "Name them in the service's staff.",
        service_id=service_id,
        team_member_id=member_id,
    )


def of_nobody(service_id: UUID) -> Cause:
    return cause(
        "does_not_do_service",
        "Nobody on the team does this service.",
        "Name somebody in the service's staff, or nobody: then everybody does it.",
        service_id=service_id,
    )


def of_place(member_id: UUID, name: str, location_id: UUID) -> Cause:
    return cause(
        "location_inactive",
        f"The location of {name} is switched off.",
        "Switch the location on: is_active; or give the team member another one.",
        team_member_id=member_id,
        location_id=location_id,
    )

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.platform.errors import NotFoundError


class TeamMemberNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_TEAM_MEMBER_NOT_FOUND"
    title = "There is no such team member."

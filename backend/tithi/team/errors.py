from tithi.platform.errors import NotFound


class TeamMemberNotFound(NotFound):
    status = 404
    code = "TITHI_TEAM_MEMBER_NOT_FOUND"
    title = "There is no such team member."

from tithi.platform.errors import NotFound


class MessageNotFound(NotFound):
    status = 404
    code = "TITHI_NOTIFICATION_NOT_FOUND"
    title = "There is no such notification."

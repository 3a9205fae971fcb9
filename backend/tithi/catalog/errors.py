from tithi.platform.errors import NotFound


class ServiceNotFound(NotFound):
    status = 404
    code = "TITHI_SERVICE_NOT_FOUND"
    title = "There is no such service."


class CategoryNotFound(NotFound):
    status = 404
    code = "TITHI_SERVICE_CATEGORY_NOT_FOUND"
    title = "There is no such category."

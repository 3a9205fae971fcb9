from tithi.platform.errors import Conflict, NotFound


class CustomerNotFound(NotFound):
    status = 404
    code = "TITHI_CUSTOMER_NOT_FOUND"
    title = "There is no such customer."


class CustomerEmailTaken(Conflict):
    status = 409
    code = "TITHI_CUSTOMER_EMAIL_TAKEN"
    title = "Another customer has this e-mail."

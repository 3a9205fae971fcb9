from tithi.platform.errors import Conflict, Invalid, Unauthenticated, Unavailable


class CredentialsInvalid(Unauthenticated):
    status = 401
    code = "TITHI_AUTH_CREDENTIALS_INVALID"
    title = "E-mail and password do not match."


class RefreshRejected(Unauthenticated):
    status = 401
    code = "TITHI_AUTH_REFRESH_REJECTED"
    title = "Sign in again."


class AccountExists(Conflict):
    status = 409
    code = "TITHI_ACCOUNT_EXISTS"
    title = "This e-mail has an account: sign in."


class PasswordTooWeak(Invalid):
    status = 400
    code = "TITHI_PASSWORD_TOO_WEAK"
    title = "The password is too weak."


class IdentityUnavailable(Unavailable):
    status = 503
    code = "TITHI_IDENTITY_UNAVAILABLE"
    title = "Signing in is not possible at the moment."

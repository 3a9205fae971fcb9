# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.platform.errors import ConflictError, InvalidError, UnauthenticatedError, UnavailableError


class CredentialsInvalidError(UnauthenticatedError):
    status = 401
    code = "TITHI_AUTH_CREDENTIALS_INVALID"
    title = "E-mail and password do not match."


class RefreshRejectedError(UnauthenticatedError):
    status = 401
    code = "TITHI_AUTH_REFRESH_REJECTED"
    title = "Sign in again."


class AccountExistsError(ConflictError):
    status = 409
    code = "TITHI_ACCOUNT_EXISTS"
    title = "This e-mail has an account: sign in."


class PasswordTooWeakError(InvalidError):
    status = 400
    code = "TITHI_PASSWORD_TOO_WEAK"
    title = "The password is too weak."


class IdentityUnavailableError(UnavailableError):
    status = 503
    code = "TITHI_IDENTITY_UNAVAILABLE"
    title = "Signing in is not possible at the moment."

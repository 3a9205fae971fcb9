# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.platform.errors import ConflictError, InvalidError, PaymentRequiredError, UpstreamFailedError


class SubscriptionStateError(ConflictError):
    status = 409
    code = "TITHI_SUBSCRIPTION_STATE_CONFLICT"
    title = "The subscription is not in a state that allows this."


class SubscriptionBusyError(ConflictError):
    status = 409
    code = "TITHI_SUBSCRIPTION_BUSY"
    title = "The subscription is being changed at this moment: ask again a little later."


class SubscriptionCardMissingError(ConflictError):
    status = 409
    code = "TITHI_SUBSCRIPTION_CARD_MISSING"
    title = "Enter a card for the subscription first."


class SubscriptionCardDeclinedError(PaymentRequiredError):
    status = 402
    code = "TITHI_SUBSCRIPTION_CARD_DECLINED"
    title = "The card for the subscription was declined: enter another one."


class SubscriptionRefusedError(ConflictError):
    status = 409
    code = "TITHI_SUBSCRIPTION_REFUSED"
    title = "The payment processor refused this change."


class BillingUnavailableError(UpstreamFailedError):
    status = 502
    code = "TITHI_BILLING_STRIPE_ERROR"
    title = "The payment processor did not answer. Nothing was lost: try again."


class BillingSignatureError(InvalidError):
    status = 400
    code = "TITHI_WEBHOOK_SIGNATURE_INVALID"
    title = "The signature does not fit."

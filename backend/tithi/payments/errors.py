# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.platform.errors import ConflictError, InvalidError, NotFoundError, UpstreamFailedError


class PaymentNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_PAYMENT_NOT_FOUND"
    title = "There is no such payment."


class PaymentInProgressError(ConflictError):
    status = 409
    code = "TITHI_PAYMENT_IN_PROGRESS"
    title = "The card is being charged at this moment."


class NothingToRefundError(ConflictError):
    status = 409
    code = "TITHI_PAYMENT_NOT_REFUNDABLE"
    title = "There is nothing to refund."


class RefundTooLargeError(InvalidError):
    status = 400
    code = "TITHI_REFUND_TOO_LARGE"
    title = "The refund is more than what is left of the payment."


class PaymentSettledError(ConflictError):
    status = 409
    code = "TITHI_PAYMENT_SETTLED"
    title = "The payment is settled already."


class ProcessorFailedError(UpstreamFailedError):
    status = 502
    code = "TITHI_PAYMENT_STRIPE_ERROR"
    title = "The payment processor did not answer. Nothing was lost: try again."


class SignatureWrongError(InvalidError):
    status = 400
    code = "TITHI_WEBHOOK_SIGNATURE_INVALID"
    title = "The signature does not fit."


class ReceiptNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_RECEIPT_NOT_FOUND"
    title = "There is no such receipt."


class GiftCardNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_GIFT_CARD_NOT_FOUND"
    title = "There is no such gift card."


class GiftCardExpiredError(ConflictError):
    status = 409
    code = "TITHI_GIFT_CARD_EXPIRED"
    title = "The gift card has expired."


class GiftCardEmptyError(ConflictError):
    status = 409
    code = "TITHI_GIFT_CARD_EMPTY"
    title = "There is nothing left on the gift card that is not reserved."


GIFT_CARD_REFUSALS = (GiftCardNotFoundError, GiftCardExpiredError, GiftCardEmptyError)


class PayoutAccountMissingError(ConflictError):
    status = 409
    code = "TITHI_PAYOUT_ACCOUNT_MISSING"
    title = "The business cannot take cards yet: complete its Stripe account first."


class AmountTooSmallError(InvalidError):
    status = 400
    code = "TITHI_AMOUNT_TOO_SMALL"
    title = "It is less than the smallest amount that a card can be charged."


class CardNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_CARD_NOT_FOUND"
    title = "There is no such card on file."


class PaymentNotOwedError(ConflictError):
    status = 409
    code = "TITHI_PAYMENT_NOT_OWED"
    title = "Nothing is owed: no outcome asked for it yet, or it is settled."


class CardUsedUpError(ConflictError):
    status = 409
    code = "TITHI_CARD_NOT_TO_BE_TRIED"
    title = "The card was declined for good, or too often. Ask the customer for another."


class BreakNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_PAYMENT_BREAK_NOT_FOUND"
    title = "There is no such break."


class BreakResolvedError(ConflictError):
    status = 409
    code = "TITHI_PAYMENT_BREAK_RESOLVED"
    title = "The break is resolved already."


class PayoutNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_PAYOUT_NOT_FOUND"
    title = "There is no such payout."


class DisputeNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_DISPUTE_NOT_FOUND"
    title = "There is no such dispute."


class DisputeAnsweredError(ConflictError):
    status = 409
    code = "TITHI_DISPUTE_ANSWERED"
    title = "Evidence about this dispute was handed in already; the bank takes it once."


class DisputeClosedError(ConflictError):
    status = 409
    code = "TITHI_DISPUTE_CLOSED"
    title = "The bank does not wait for evidence about this dispute."

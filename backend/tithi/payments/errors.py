from tithi.platform.errors import Conflict, Invalid, NotFound, UpstreamFailed


class PaymentNotFound(NotFound):
    status = 404
    code = "TITHI_PAYMENT_NOT_FOUND"
    title = "There is no such payment."


class PaymentInProgress(Conflict):
    status = 409
    code = "TITHI_PAYMENT_IN_PROGRESS"
    title = "The card is being charged at this moment."


class NothingToRefund(Conflict):
    status = 409
    code = "TITHI_PAYMENT_NOT_REFUNDABLE"
    title = "There is nothing to refund."


class RefundTooLarge(Invalid):
    status = 400
    code = "TITHI_REFUND_TOO_LARGE"
    title = "The refund is more than what is left of the payment."


class PaymentSettled(Conflict):
    status = 409
    code = "TITHI_PAYMENT_SETTLED"
    title = "The payment is settled already."


class ProcessorFailed(UpstreamFailed):
    status = 502
    code = "TITHI_PAYMENT_STRIPE_ERROR"
    title = "The payment processor did not answer. Nothing was lost: try again."


class SignatureWrong(Invalid):
    status = 400
    code = "TITHI_WEBHOOK_SIGNATURE_INVALID"
    title = "The signature does not fit."


class PayoutAccountMissing(Conflict):
    status = 409
    code = "TITHI_PAYOUT_ACCOUNT_MISSING"
    title = "The business cannot take cards yet: complete its Stripe account first."

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.payments.errors import GIFT_CARD_REFUSALS
from tithi.platform.errors import ConflictError, NotFoundError


class CouponNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_COUPON_NOT_FOUND"
    title = "There is no such coupon."


class CouponExistsError(ConflictError):
    status = 409
    code = "TITHI_COUPON_EXISTS"
    title = "There is a coupon with this code already."


class CouponInactiveError(ConflictError):
    status = 409
    code = "TITHI_COUPON_INACTIVE"
    title = "The coupon is switched off."


class CouponNotYetValidError(ConflictError):
    status = 409
    code = "TITHI_COUPON_NOT_YET_VALID"
    title = "The coupon is not valid yet."


class CouponExpiredError(ConflictError):
    status = 409
    code = "TITHI_COUPON_EXPIRED"
    title = "The coupon has expired."


class CouponUsedUpError(ConflictError):
    status = 409
    code = "TITHI_COUPON_USED_UP"
    title = "The coupon is used up."


class CouponUsedByCustomerError(ConflictError):
    status = 409
    code = "TITHI_COUPON_USED_BY_CUSTOMER"
    title = "The customer has used the coupon as often as they may."


class CouponNotForServicesError(ConflictError):
    status = 409
    code = "TITHI_COUPON_NOT_FOR_SERVICES"
    title = "The coupon is for other services, or there is nothing left to take off."


class CouponBelowMinimumError(ConflictError):
    status = 409
    code = "TITHI_COUPON_BELOW_MINIMUM"
    title = "The visit costs less than the coupon asks for."


class CouponFirstVisitOnlyError(ConflictError):
    status = 409
    code = "TITHI_COUPON_FIRST_VISIT_ONLY"
    title = "The coupon is for the first visit of a customer."


class GiftCardSaleNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_GIFT_CARD_NOT_FOUND"
    title = "There is no such gift card."


class GiftCardNotSendableError(ConflictError):
    status = 409
    code = "TITHI_GIFT_CARD_NOT_SENDABLE"
    title = "The gift card is void, or nobody is named to send it to."


class CouponNotYoursError(ConflictError):
    status = 409
    code = "TITHI_COUPON_NOT_YOURS"
    title = "The coupon is for another customer."


class PackageNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_PACKAGE_NOT_FOUND"
    title = "There is no such package."


class PackageInactiveError(ConflictError):
    status = 409
    code = "TITHI_PACKAGE_INACTIVE"
    title = "The package is not sold any more."


class PackageExpiredError(ConflictError):
    status = 409
    code = "TITHI_PACKAGE_EXPIRED"
    title = "The package has expired."


class PackageUsedUpError(ConflictError):
    status = 409
    code = "TITHI_PACKAGE_USED_UP"
    title = "No session of the package is left."


class PackageNotForServicesError(ConflictError):
    status = 409
    code = "TITHI_PACKAGE_NOT_FOR_SERVICES"
    title = "The package is for other services."


class PackageNotYoursError(ConflictError):
    status = 409
    code = "TITHI_PACKAGE_NOT_YOURS"
    title = "The package is another customer's."


class ReferralCodeNotFoundError(NotFoundError):
    status = 404
    code = "TITHI_REFERRAL_CODE_NOT_FOUND"
    title = "There is no such referral code."


class ReferralNotNewError(ConflictError):
    status = 409
    code = "TITHI_REFERRAL_NOT_NEW"
    title = "A referral is for somebody who comes for the first time, and not for oneself."


PACKAGE_REFUSALS = (
    PackageNotFoundError,
    PackageExpiredError,
    PackageUsedUpError,
    PackageNotForServicesError,
    PackageNotYoursError,
)
REFERRAL_REFUSALS = (ReferralCodeNotFoundError, ReferralNotNewError)
COUPON_REFUSALS = (
    CouponNotFoundError,
    CouponInactiveError,
    CouponNotYetValidError,
    CouponExpiredError,
    CouponUsedUpError,
    CouponUsedByCustomerError,
    CouponNotForServicesError,
    CouponBelowMinimumError,
    CouponFirstVisitOnlyError,
    CouponNotYoursError,
)
CODE_REFUSALS = (*COUPON_REFUSALS, *GIFT_CARD_REFUSALS, *PACKAGE_REFUSALS, *REFERRAL_REFUSALS)

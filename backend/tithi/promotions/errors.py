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


class CouponNotYoursError(ConflictError):
    status = 409
    code = "TITHI_COUPON_NOT_YOURS"
    title = "The coupon is for another customer."


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
CODE_REFUSALS = (*COUPON_REFUSALS, *GIFT_CARD_REFUSALS)

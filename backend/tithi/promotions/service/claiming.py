# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the promotions of a visit take off its items, claimed under the lock of each, in the caller's transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tithi.payments import queries as payments
from tithi.platform import clock
from tithi.platform.db import session
from tithi.platform.ids import new_id
from tithi.platform.tenancy import current_tenant_id
from tithi.promotions import discounts, errors, queries
from tithi.promotions.codes import Codes
from tithi.promotions.discounts import Discount, PricedItem, Terms
from tithi.promotions.models import Coupon, CouponUse
from tithi.promotions.service.packages import give_sessions_back, keep_sessions, take_sessions
from tithi.promotions.service.referrals import keep_referral

COUPON = "coupon"
VOUCHER = "voucher"


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """For which visit of whom; nobody where the customer is not known yet."""

    owner_id: UUID
    customer_id: UUID | None
    is_first_visit: bool


def claim(*, codes: Codes, buyer: Buyer, items: Sequence[PricedItem]) -> list[Discount]:
    """Take what the codes give to a visit.

    Raises:
        CouponNotFound and the other refusals of coupons, packages and referrals; then nothing is taken.
    """
    return list(_resolve(codes, buyer, items, takes=True))


def look_up(*, codes: Codes, buyer: Buyer, items: Sequence[PricedItem]) -> list[Discount]:
    """What the codes would give to a visit; refuses as `claim` does and takes nothing."""
    return list(_resolve(codes, buyer, items, takes=False))


def has_voucher(found: Sequence[Discount]) -> bool:
    """Whether the code of the gift card was one of a voucher."""
    return any(discount.kind == VOUCHER for discount in found)


def reckon_again(*, owner_id: UUID, items: Sequence[PricedItem]) -> list[Discount]:
    """What the promotions of a visit take off the items that are left of it, by the terms that it froze.

    A promotion that the rest of the visit does not deserve is given back.
    """
    found = keep_sessions(owner_id=owner_id, items=items)
    left = list(items)
    for discount in found:
        left = discounts.less(left, discount.shares)
    for use in queries.locked_uses_of(owner_id):
        coupon = session().get_one(Coupon, (current_tenant_id(), use.coupon_id), with_for_update=True)
        terms = Terms.read(use.terms)
        shares = discounts.shares(terms, left) if terms.reaches_minimum(left) else {}
        if not shares:
            _give_back(use, coupon)
            continue
        discount = _discount(coupon, shares)
        use.discount_cents = discount.total_cents
        left = discounts.less(left, shares)
        found.append(discount)
    return found


def give_back(*, owner_id: UUID) -> None:
    """Let others have what a visit took that will not be; a second time changes nothing."""
    give_sessions_back(owner_id=owner_id)
    for use in queries.locked_uses_of(owner_id):
        _give_back(use, session().get_one(Coupon, (current_tenant_id(), use.coupon_id), with_for_update=True))


def give_back_unless_owed(*, owner_id: UUID) -> None:
    """Give back what a visit took that ended free of charge; where something is owed for it, that stays used."""
    payment = payments.outcome_payment(owner_id)
    is_forgiven = payment is not None and (payment.status, payment.reason) == ("waived", "late_cancel")
    if payment is None or payment.status == "canceled" or is_forgiven:
        give_back(owner_id=owner_id)


def _resolve(codes: Codes, buyer: Buyer, items: Sequence[PricedItem], *, takes: bool) -> Iterator[Discount]:
    left = list(items)
    if codes.referral is not None:
        keep_referral(
            code=codes.referral, customer_id=buyer.customer_id, is_first_visit=buyer.is_first_visit, keeps=takes
        )
    if codes.package is not None:
        discount = take_sessions(
            code=codes.package, owner_id=buyer.owner_id, customer_id=buyer.customer_id, items=left, takes=takes
        )
        left = discounts.less(left, discount.shares)
        yield discount
    if codes.coupon is not None:
        discount = _apply(queries.coupon_by_code(codes.coupon, lock=takes), buyer, left, takes=takes)
        left = discounts.less(left, discount.shares)
        yield discount
    voucher = queries.voucher_by_code(codes.gift_card, lock=takes) if codes.gift_card is not None else None
    if voucher is not None:
        yield _apply(voucher, buyer, left, takes=takes)


def _apply(coupon: Coupon, buyer: Buyer, items: Sequence[PricedItem], *, takes: bool) -> Discount:
    _refuse_unusable(coupon, clock.now())
    _refuse_buyer(coupon, buyer)
    terms = terms_of(coupon)
    if not terms.reaches_minimum(items):
        raise errors.CouponBelowMinimumError(details={"min_amount_cents": terms.min_amount_cents})
    shares = discounts.shares(terms, items)
    if not shares:
        raise errors.CouponNotForServicesError
    discount = _discount(coupon, shares)
    if takes and buyer.customer_id is not None:
        _take(coupon, buyer.owner_id, buyer.customer_id, discount, terms)
    return discount


def terms_of(coupon: Coupon) -> Terms:
    return Terms(
        kind=coupon.kind,
        value=coupon.value,
        min_amount_cents=coupon.min_amount_cents,
        service_ids=frozenset(map(UUID, coupon.service_ids)),
        category_ids=frozenset(map(UUID, coupon.category_ids)),
    )


def _refuse_unusable(coupon: Coupon, now: datetime) -> None:
    if not coupon.is_active:
        raise errors.CouponInactiveError
    if coupon.valid_from is not None and now < coupon.valid_from:
        raise errors.CouponNotYetValidError(details={"valid_from": coupon.valid_from})
    if coupon.valid_until is not None and now >= coupon.valid_until:
        raise errors.CouponExpiredError(details={"valid_until": coupon.valid_until})
    if coupon.max_uses is not None and coupon.used_count >= coupon.max_uses:
        raise errors.CouponUsedUpError


def _refuse_buyer(coupon: Coupon, buyer: Buyer) -> None:
    """A coupon for the first visit can be held once, however many first visits are booked at the same moment."""
    if coupon.first_visit_only and not buyer.is_first_visit:
        raise errors.CouponFirstVisitOnlyError
    if coupon.customer_id is not None and coupon.customer_id != buyer.customer_id:
        raise errors.CouponNotYoursError
    most = 1 if coupon.first_visit_only else coupon.max_uses_per_customer
    if most is not None and buyer.customer_id is not None and queries.count_uses(coupon.id, buyer.customer_id) >= most:
        raise errors.CouponUsedByCustomerError


def _take(coupon: Coupon, owner_id: UUID, customer_id: UUID, discount: Discount, terms: Terms) -> None:
    coupon.used_count += 1
    session().add(
        CouponUse(
            tenant_id=current_tenant_id(),
            id=new_id(),
            coupon_id=coupon.id,
            owner_id=owner_id,
            customer_id=customer_id,
            discount_cents=discount.total_cents,
            terms=terms.kept(),
            created_at=clock.now(),
        )
    )
    session().flush()


def _discount(coupon: Coupon, shares: dict[UUID, int]) -> Discount:
    kind = VOUCHER if coupon.is_voucher else COUPON
    return Discount(kind=kind, source_id=coupon.id, label=coupon.name or coupon.code, shares=shares)


def _give_back(use: CouponUse, coupon: Coupon) -> None:
    use.given_back_at = clock.now()
    coupon.used_count -= 1
    session().flush()

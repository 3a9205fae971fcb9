# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a visit costs, line by line, from the quote to the charge."""

from tests.factories.businesses import Salon
from tests.factories.classes import scheduled
from tests.factories.promotions import add_coupon, add_tax, lines_of, quoted
from tests.factories.visits import API, add_service, at_desk, guest, ok, online, set_policy, shown
from tests.payments.till import Till


def test_an_exclusive_tax_is_put_on_top_and_charged(till: Till) -> None:
    salon = till.salon
    add_tax(salon, 825, is_inclusive=False)
    booked = ok(online(salon, salon.slot()))
    assert (booked["amount_cents"], booked["tax_cents"], booked["due_cents"]) == (5413, 413, 5413)

    ok(salon.press("complete", booked["booking_id"]))
    assert till.taken() == 5413


def test_an_inclusive_tax_is_contained_in_the_price(salon: Salon) -> None:
    add_tax(salon, 1900)
    booked = at_desk(salon, salon.slot())
    assert (booked["amount_cents"], booked["tax_cents"]) == (5000, 798)
    assert [line["is_included"] for line in booked["lines"]] == [False, True]


def test_a_fee_has_no_tax(till: Till) -> None:
    salon = till.salon
    set_policy(salon, no_show_fee={"type": "percent", "value": 50})
    add_tax(salon, 1000, is_inclusive=False)
    booked = ok(online(salon, salon.slot()))
    ok(salon.press("no-show", booked["booking_id"]))
    assert till.taken() == 2750


def test_a_quote_is_what_the_booking_then_costs(salon: Salon) -> None:
    add_tax(salon, 825, is_inclusive=False)
    wash = add_service(salon, price_cents=3333)
    coupon = add_coupon(salon, value=1500)
    items = [{"service_id": str(salon.service_id)}, {"service_id": wash}]
    quote = ok(
        salon.request(
            "POST",
            f"{API}/public/{salon.slug}/quote",
            None,
            json={
                "items": items,
                "start_time": salon.slot().isoformat(),
                "coupon_code": coupon["code"],
                "customer_info": guest(),
                "tip_cents": 700,
            },
        )
    )
    booked = ok(online(salon, salon.slot(), items=items, coupon_code=coupon["code"]))

    for name in ("subtotal_cents", "discount_cents", "tax_cents", "amount_cents"):
        assert quote[name] == booked[name]
    assert (quote["subtotal_cents"], quote["discount_cents"]) == (8333, 1250)
    assert quote["due_cents"] == quote["due_later_cents"] == booked["amount_cents"] + 700
    assert [line["kind"] for line in quote["lines"]] == ["item"] * 2 + ["discount"] * 2 + ["tax"] * 2 + ["tip"]


def test_a_quote_takes_neither_time_nor_code(salon: Salon) -> None:
    coupon = add_coupon(salon, max_uses=1)
    ok(quoted(salon, coupon_code=coupon["code"]))
    assert online(salon, salon.slot(), coupon_code=coupon["code"]).status_code == 201


def test_staff_quote_for_a_customer_they_know(salon: Salon) -> None:
    coupon = add_coupon(salon, first_visit_only=True)
    customer_id = at_desk(salon, salon.slot())["customer"]["id"]
    body = {"service_id": str(salon.service_id), "start_time": salon.slot(hour=14).isoformat()}
    path = f"{API}/bookings/quote"
    assert ok(salon.as_owner("POST", path, json={**body, "coupon_code": coupon["code"]}))["discount_cents"] == 500

    known = salon.as_owner("POST", path, json={**body, "coupon_code": coupon["code"], "customer_id": customer_id})
    assert (known.status_code, known.json["code"]) == (409, "TITHI_COUPON_FIRST_VISIT_ONLY")


def test_a_time_that_is_taken_has_no_quote(salon: Salon) -> None:
    at_desk(salon, salon.slot())
    answer = quoted(salon)
    assert (answer.status_code, answer.json["code"]) == (409, "TITHI_SLOT_UNAVAILABLE")


def test_an_item_less_is_reckoned_again_with_discount_and_tax(salon: Salon) -> None:
    add_tax(salon, 1000, is_inclusive=False)
    wash = add_service(salon, price_cents=3000)
    coupon = add_coupon(salon, value=1000)
    booked = at_desk(
        salon,
        salon.slot(),
        items=[{"service_id": str(salon.service_id)}, {"service_id": wash}],
        coupon_code=coupon["code"],
    )
    assert (booked["discount_cents"], booked["tax_cents"], booked["amount_cents"]) == (800, 720, 7920)

    item = booked["items"][1]["id"]
    left = ok(salon.as_owner("POST", f"{API}/bookings/{booked['id']}/items/{item}/cancel", key=item, json={}))
    assert (left["discount_cents"], left["tax_cents"], left["amount_cents"]) == (500, 450, 4950)
    assert (left["due_cents"], lines_of(left, "item")) == (4950, [5000])


def test_a_coupon_whose_minimum_the_rest_does_not_reach_is_given_back(salon: Salon) -> None:
    wash = add_service(salon, price_cents=3000)
    coupon = add_coupon(salon, min_amount_cents=8000)
    booked = at_desk(
        salon,
        salon.slot(),
        items=[{"service_id": str(salon.service_id)}, {"service_id": wash}],
        coupon_code=coupon["code"],
    )
    item = booked["items"][1]["id"]
    left = ok(salon.as_owner("POST", f"{API}/bookings/{booked['id']}/items/{item}/cancel", key=item, json={}))
    assert (left["discount_cents"], left["amount_cents"]) == (0, 5000)
    assert ok(salon.as_owner("GET", f"{API}/coupons/{coupon['id']}"))["used_count"] == 0


def test_seats_of_a_class_are_taxed_and_lowered_by_a_coupon(salon: Salon) -> None:
    add_tax(salon, 1000, is_inclusive=False)
    coupon = add_coupon(salon, value=5000)
    session = scheduled(salon, price_cents=2000)
    answer = salon.as_owner(
        "POST",
        f"{API}/class-sessions/{session['id']}/bookings",
        key=session["id"],
        json={"seats": 3, "customer_info": guest(), "coupon_code": coupon["code"]},
    )
    assert answer.status_code == 201, answer.text
    priced = shown(salon, answer.json["booking_id"])
    assert (priced["subtotal_cents"], priced["discount_cents"], priced["amount_cents"]) == (6000, 3000, 3300)


def test_every_visit_of_a_series_is_taxed(salon: Salon) -> None:
    add_tax(salon, 1000, is_inclusive=False)
    series = ok(
        salon.as_owner(
            "POST",
            f"{API}/series",
            key=salon.slug,
            json={
                "service_id": str(salon.service_id),
                "start_time": salon.slot().isoformat(),
                "customer_info": guest(),
                "rule": {"frequency": "weekly", "count": 2},
            },
        )
    )
    assert [shown(salon, one["id"])["amount_cents"] for one in series["bookings"]] == [5500, 5500]

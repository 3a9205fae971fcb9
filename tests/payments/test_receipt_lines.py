# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a receipt says adds up to what was paid, and credit notes to what was given back, tax by tax."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tithi.payments import receipt_lines

CENTS = st.integers(0, 10**8)


def tax(label: str, cents: int, *, basis_points: int = 1900, is_included: bool = True) -> dict[str, Any]:
    return {"label": label, "basis_points": basis_points, "is_included": is_included, "tax_cents": cents}


def tax_line(label: str, cents: int, *, basis_points: int = 1900, is_included: bool = True) -> dict[str, Any]:
    about = {"basis_points": basis_points, "is_included": is_included}
    return {"kind": "tax", "label": label, "amount_cents": cents, **about}


several = st.lists(CENTS, min_size=1, max_size=4).map(
    lambda all_cents: [tax(f"Tax {number}", cents) for number, cents in enumerate(all_cents)]
)


def total(taxed: list[dict[str, Any]]) -> int:
    return sum(one["tax_cents"] for one in taxed)


def test_a_line_that_is_no_tax_has_no_rate_and_is_not_included_in_another() -> None:
    assert receipt_lines.line("tip", "Tip", 500) == {
        "kind": "tip", "label": "Tip", "amount_cents": 500, "basis_points": None, "is_included": False,
    }  # fmt: skip


def test_taxes_of_one_name_and_rate_are_one_and_stand_in_their_first_order() -> None:
    lines = [
        receipt_lines.line("item", "Cut", 5000),
        tax_line("VAT", 798),
        tax_line("City", 50, basis_points=100, is_included=False),
        tax_line("VAT", 200),
        tax_line("VAT", 7, basis_points=700),
        tax_line("VAT", 3, is_included=False),
    ]
    assert receipt_lines.taxes(lines) == [
        tax("VAT", 998),
        tax("City", 50, basis_points=100, is_included=False),
        tax("VAT", 7, basis_points=700),
        tax("VAT", 3, is_included=False),
    ]


def test_a_price_without_taxes_has_none_on_its_receipt() -> None:
    assert receipt_lines.taxes([receipt_lines.line("item", "Cut", 5000)]) == []


def test_of_a_part_of_a_price_each_tax_is_its_part() -> None:
    taxed = [tax("VAT", 800), tax("City", 50, basis_points=100, is_included=False)]
    assert receipt_lines.scaled(taxed, 425) == [
        tax("VAT", 400), tax("City", 25, basis_points=100, is_included=False),
    ]  # fmt: skip
    assert [one["tax_cents"] for one in receipt_lines.scaled([tax("A", 1), tax("B", 1)], 1)] == [1, 0]
    assert [one["tax_cents"] for one in receipt_lines.scaled([tax("A", 1), tax("B", 3)], 1)] == [0, 1]


def test_taxes_of_nothing_are_nothing() -> None:
    assert receipt_lines.scaled([tax("VAT", 0), tax("City", 0)], 0) == [tax("VAT", 0), tax("City", 0)]


@given(several, st.data())
def test_the_taxes_of_a_part_add_up_to_the_tax_in_it_and_none_exceeds_its_own(
    taxed: list[dict[str, Any]], data: st.DataObject
) -> None:
    wanted = data.draw(st.integers(0, total(taxed)))
    found = receipt_lines.scaled(taxed, wanted)
    assert total(found) == wanted
    assert all(0 <= part["tax_cents"] <= one["tax_cents"] for part, one in zip(found, taxed, strict=True))


@given(several, st.data())
def test_credit_notes_in_parts_give_back_each_tax_exactly(taxed: list[dict[str, Any]], data: st.DataObject) -> None:
    notes: list[list[dict[str, Any]]] = []
    left = total(taxed)
    while left:
        part = data.draw(st.integers(1, left)) if len(notes) < 3 else left
        notes.append(receipt_lines.given_back(taxed, notes, part))
        assert total(notes[-1]) == -part
        left -= part
    for place, one in enumerate(taxed):
        assert one["tax_cents"] + sum(note[place]["tax_cents"] for note in notes) == 0


def test_a_credit_note_names_its_taxes_as_the_receipt_does() -> None:
    taxed = [tax("VAT", 800), tax("City", 200, basis_points=100, is_included=False)]
    first = receipt_lines.given_back(taxed, [], 500)
    assert first == [tax("VAT", -400), tax("City", -100, basis_points=100, is_included=False)]
    assert receipt_lines.given_back(taxed, [first], 500) == first


def test_what_was_paid_is_shown_by_each_means_that_gave_something() -> None:
    def shown(method: str, captured: int, gift_card: int) -> list[tuple[str, str, int]]:
        found = receipt_lines.tenders(method=method, captured_cents=captured, gift_card_cents=gift_card)
        assert all(set(one) == {"kind", "label", "amount_cents"} for one in found)
        return [(one["kind"], one["label"], one["amount_cents"]) for one in found]

    assert shown("card", 5000, 0) == [("card", "Card", 5000)]
    assert shown("cash", 5000, 2000) == [("gift_card", "Gift card", 2000), ("cash", "Cash", 3000)]
    assert shown("other", 2000, 2000) == [("gift_card", "Gift card", 2000)]
    assert shown("card", -5000, -1000) == [("gift_card", "Gift card", -1000), ("card", "Card", -4000)]

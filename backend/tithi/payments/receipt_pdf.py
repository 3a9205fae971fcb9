# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A receipt as a page to print; no database and no clock."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fpdf import FPDF

from tithi.platform.schemas import decimals_of

FONT = "Helvetica"
TITLES = {"receipt": "Receipt", "credit_note": "Credit note", "reversal": "Reversal of a credit note"}
RIGHT_MM = 40
LINE_MM = 6
ENCODING = "windows-1252"


def render(receipt: Mapping[str, Any]) -> bytes:
    """The receipt as a PDF of one page or more."""
    page = FPDF(format="A4")
    page.core_fonts_encoding = ENCODING
    page.set_creation_date(receipt["issued_at"])
    page.set_title(_plain(f"{TITLES[receipt['kind']]} {receipt['number']}"))
    page.add_page()
    _head(page, receipt)
    currency = receipt["currency"]
    _table(page, [(_label(one), one["amount_cents"]) for one in receipt["lines"]], currency)
    _table(page, [("Total", receipt["total_cents"])], currency, bold=True)
    _table(page, [(f"Of it {_rate(one)}", one["tax_cents"]) for one in receipt["taxes"]], currency)
    _table(page, [(f"Paid: {one['label']}", one["amount_cents"]) for one in receipt["tenders"]], currency)
    return bytes(page.output())


def _head(page: FPDF, receipt: Mapping[str, Any]) -> None:
    business, visit = receipt["business"], receipt["visit"]
    zone = ZoneInfo(business["timezone"])
    page.set_font(FONT, "B", 16)
    _line(page, business["name"])
    page.set_font(FONT, "", 10)
    address = [str(part) for part in business["address"].values() if part]
    tax_number = f"Tax number {business['tax_number']}" if business["tax_number"] else None
    for said in (", ".join(address), business["email"], business["phone"], tax_number):
        if said:
            _line(page, said)
    page.ln(LINE_MM)
    page.set_font(FONT, "B", 13)
    _line(page, f"{TITLES[receipt['kind']]} No. {receipt['number']}")
    page.set_font(FONT, "", 10)
    _line(page, f"Date: {receipt['issued_at'].astimezone(zone):%Y-%m-%d}")
    _line(page, f"Customer: {receipt['customer_name']}")
    _line(page, f"Booking: {visit['confirmation_number']}, {_day(visit['start_time'], visit['timezone'])}")
    page.ln(LINE_MM)


def _table(page: FPDF, rows: Sequence[tuple[str, int]], currency: str, *, bold: bool = False) -> None:
    page.set_font(FONT, "B" if bold else "", 10)
    for label, cents in rows:
        page.cell(page.epw - RIGHT_MM, LINE_MM, _plain(label))
        page.cell(RIGHT_MM, LINE_MM, money(cents, currency), align="R", new_x="LMARGIN", new_y="NEXT")
    page.ln(LINE_MM / 2)


def _line(page: FPDF, said: str) -> None:
    page.multi_cell(0, LINE_MM, _plain(said), new_x="LMARGIN", new_y="NEXT")


def _label(one: Mapping[str, Any]) -> str:
    label = _rate(one) if one["basis_points"] is not None else one["label"]
    return f"{label} (included)" if one["is_included"] else label


def _rate(one: Mapping[str, Any]) -> str:
    return f"{one['label']} {one['basis_points'] / 100:g} %"


def _day(instant: str, zone: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def money(cents: int, currency: str) -> str:
    """An amount with as many decimals as its currency is charged in."""
    decimals = decimals_of(currency)
    sign, whole = "-" if cents < 0 else "", abs(cents)
    if not decimals:
        return f"{sign}{whole:,} {currency}"
    return f"{sign}{whole // 10**decimals:,}.{whole % 10**decimals:0{decimals}} {currency}"


def _plain(said: str) -> str:
    """What the fonts of every reader can show: letters beyond Western Europe lose their marks, or become `?`."""
    shown = []
    for letter in said:
        if letter.encode(ENCODING, "ignore"):
            shown.append(letter)
        else:
            bare = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
            shown.append(bare or "?")
    return "".join(shown)

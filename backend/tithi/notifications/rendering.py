# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""From a template and its values to a mail's subject, text and HTML; no database and no clock.

A template holds `{{name}}` and nothing else: no loops, no attributes, no conditions. Values are shown as they are and
never read as a template again.
"""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from tithi.platform.schemas import ZERO_DECIMAL

DEFAULT_LOCALE = "en_US"
LONGEST_SUBJECT = 200
LONGEST_GREETED = 60
PLACEHOLDERS = frozenset(
    {
        "actor", "amount", "before", "business_name", "card", "charged_on", "count", "customer_email",
        "customer_name", "customer_phone", "dates", "fee", "greeting", "lines", "link", "note", "number", "place",
        "price", "reason", "requests", "service", "team_member", "total", "until", "when",
    }
)  # fmt: skip

_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_NOT_SHOWN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LOOKS_LIKE_ADDRESS = re.compile(r"[/@:]|\.\S")


class UnknownPlaceholderError(Exception):
    """A template names something that is not on the list, or holds braces that name nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The words of one mail for one reader.

    Paragraphs of `body` and `closing` stand apart by an empty line; `details` are pairs of a label and its value. A
    line or detail whose placeholders are all empty is left out. With `link_label` the mail ends in `{{link}}`.
    """

    subject: str
    heading: str
    body: str
    details: tuple[tuple[str, str], ...]
    closing: str = ""
    link_label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedMail:
    subject: str
    text: str
    html: str


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put the values in place of `{{name}}`.

    Raises:
        UnknownPlaceholderError: a name is not on the list or has no value, or braces are left over.
    """
    return "".join(_filled(template, values, lambda value: value))


def render(template: Template, values: Mapping[str, str]) -> RenderedMail:
    """Render a mail; values appear escaped in the HTML part.

    Raises:
        UnknownPlaceholderError: the template names something that is not on the list or has no value.
    """
    shown = {name: _NOT_SHOWN.sub("", value) for name, value in values.items()}
    subject = one_line(fill(template.subject, shown))[:LONGEST_SUBJECT]
    return RenderedMail(subject=subject, text=_text(template, shown), html=_html(template, shown, subject))


def one_line(value: str) -> str:
    return " ".join(value.split())


def greeting(name: str) -> str:
    """Greet by name, unless the name could be read as an address to follow."""
    if not name or len(name) > LONGEST_GREETED or _LOOKS_LIKE_ADDRESS.search(name):
        return "Hello,"
    return f"Hello {name},"


def money(amount: int, currency: str, *, locale: str = DEFAULT_LOCALE) -> str:
    """An amount in minor units as people write it.

    The minor unit is that in which the processor charges; where everyday use drops its decimals (ISK, RSD) they are
    shown all the same, since a receipt rounds nothing.
    """
    from babel.numbers import format_currency, get_currency_precision  # noqa: PLC0415 - slow to load, and the web never needs it

    customary = get_currency_precision(currency)
    decimals = 0 if currency in ZERO_DECIMAL else max(2, customary)
    major = Decimal(amount).scaleb(-decimals)
    return format_currency(major, currency, locale=locale, currency_digits=decimals == customary).replace("\xa0", " ")


def day(instant: datetime, zone: str, *, locale: str = DEFAULT_LOCALE) -> str:
    return _date(instant.astimezone(ZoneInfo(zone)).date(), locale)


def moment(instant: datetime, zone: str, *, locale: str = DEFAULT_LOCALE) -> str:
    """A day and time in the words of one time zone."""
    from babel.dates import format_time  # noqa: PLC0415 - slow to load, and the web never needs it

    wall = instant.astimezone(ZoneInfo(zone))
    clock = format_time(wall, "short", tzinfo=wall.tzinfo, locale=locale).replace("\u202f", " ")
    return f"{_date(wall.date(), locale)}, {clock}"


def period(starts_at: datetime, ends_at: datetime, zone: str, *, locale: str = DEFAULT_LOCALE) -> str:
    """From when to when, in the words of one time zone and with its name."""
    from babel.dates import format_datetime, format_time  # noqa: PLC0415 - slow to load, and the web never needs it

    place = ZoneInfo(zone)
    first, last = starts_at.astimezone(place), ends_at.astimezone(place)
    begin = f"{_date(first.date(), locale)}, {format_time(first, 'short', tzinfo=place, locale=locale)}"
    end = format_time(last, "short", tzinfo=place, locale=locale)
    if last.date() != first.date():
        end = f"{_date(last.date(), locale)}, {end}"
    zone_name = format_datetime(first, "zzzz", tzinfo=place, locale=locale)
    return f"{begin} to {end} ({zone_name})".replace("\u202f", " ")


def postal_address(parts: Mapping[str, str]) -> str:
    """An address on one line, of the parts that are known."""
    town = " ".join(filter(None, (parts.get("region"), parts.get("postal_code"))))
    known = (parts.get("street"), parts.get("city"), town, parts.get("country"))
    return one_line(", ".join(filter(None, known)))


def _date(value: date, locale: str) -> str:
    from babel.dates import format_date  # noqa: PLC0415 - slow to load, and the web never needs it

    return format_date(value, "full", locale=locale)


def _filled(template: str, values: Mapping[str, str], shown: Callable[[str], str]) -> list[str]:
    """The template's own text and the values by turns; `shown` is applied to both."""
    pieces = _PLACEHOLDER.split(template)
    names = pieces[1::2]
    for name in names:
        if name not in PLACEHOLDERS or name not in values:
            raise UnknownPlaceholderError(name)
    if any("{{" in piece or "}}" in piece for piece in pieces[::2]):
        raise UnknownPlaceholderError(template)
    return [shown(values[piece] if position % 2 else piece) for position, piece in enumerate(pieces)]


def _is_empty(template: str, values: Mapping[str, str]) -> bool:
    names = _PLACEHOLDER.findall(template)
    return bool(names) and not any(values.get(name, "unknown") for name in names)


def _paragraphs(template: str, values: Mapping[str, str]) -> list[str]:
    """The template's paragraphs without their empty lines, still unfilled."""
    kept = (
        "\n".join(line for line in paragraph.split("\n") if not _is_empty(line, values))
        for paragraph in template.split("\n\n")
    )
    return [paragraph for paragraph in kept if paragraph]


def _details(template: Template, values: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(label, value) for label, value in template.details if not _is_empty(value, values)]


def _text(template: Template, values: Mapping[str, str]) -> str:
    parts = [fill(template.heading, values)]
    parts += [fill(paragraph, values) for paragraph in _paragraphs(template.body, values)]
    rows = [(label, fill(value, values)) for label, value in _details(template, values)]
    parts.append("\n".join(f"{label}:\n{value}" if "\n" in value else f"{label}: {value}" for label, value in rows))
    parts += [fill(paragraph, values) for paragraph in _paragraphs(template.closing, values)]
    if template.link_label:
        parts.append(f"{template.link_label}:\n{fill('{{link}}', values)}")
    parts.append(f"--\n{fill(FOOTER, values)}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _html(template: Template, values: Mapping[str, str], subject: str) -> str:
    parts = [_element("h1", HEADING_STYLE, template.heading, values)]
    parts += [_element("p", TEXT_STYLE, paragraph, values) for paragraph in _paragraphs(template.body, values)]
    rows = [
        f'<div style="{LABEL_STYLE}">{_escaped(label)}</div>' + _element("div", VALUE_STYLE, value, values)
        for label, value in _details(template, values)
    ]
    if rows:
        parts.append(f'<div style="{BOX_STYLE}">{"".join(rows)}</div>')
    parts += [_element("p", TEXT_STYLE, paragraph, values) for paragraph in _paragraphs(template.closing, values)]
    if template.link_label:
        address = "".join(_filled("{{link}}", values, _escaped))
        label = _escaped(template.link_label)
        parts.append(f'<p style="{TEXT_STYLE}"><a href="{address}" style="{LINK_STYLE}">{label}</a></p>')
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{_escaped(subject)}</title></head><body style="{PAGE_STYLE}"><div style="{COLUMN_STYLE}">\n'
        + "\n".join(parts)
        + f"\n</div>{_element('p', FOOTER_STYLE, FOOTER, values)}</body></html>\n"
    )


def _element(name: str, style: str, template: str, values: Mapping[str, str]) -> str:
    return f'<{name} style="{style}">{"".join(_filled(template, values, _escaped))}</{name}>'


def _escaped(value: str) -> str:
    return html.escape(value).replace("\n", "<br>")


FOOTER = "{{business_name}} takes its bookings with Tithi."
PAGE_STYLE = (
    "margin:0;padding:24px 12px;background:#f3f4f6;color:#1f2937;"
    "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5"
)
COLUMN_STYLE = (
    "max-width:560px;margin:0 auto;padding:32px 28px;box-sizing:border-box;background:#ffffff;"
    "border:1px solid #e5e7eb;border-radius:12px;overflow-wrap:anywhere"
)
HEADING_STYLE = "margin:0 0 16px;font-size:22px;line-height:1.3;font-weight:600;color:#111827"
TEXT_STYLE = "margin:0 0 16px"
BOX_STYLE = "margin:0 0 20px;padding:16px 20px 4px;background:#f9fafb;border-radius:8px"
LABEL_STYLE = "font-size:13px;color:#6b7280"
VALUE_STYLE = "margin:0 0 12px"
LINK_STYLE = (
    "display:inline-block;padding:12px 20px;background:#111827;color:#ffffff;border-radius:8px;"
    "font-weight:600;text-decoration:none"
)
FOOTER_STYLE = "max-width:560px;margin:16px auto 0;text-align:center;font-size:13px;color:#6b7280"


def short(subject: str, when: str, link: str) -> str:
    """A mail in the words of a text message: its subject, when the visit is, and the customer's link."""
    return "\n".join(filter(None, (one_line(subject), one_line(when), link)))

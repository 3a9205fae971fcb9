# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Fields that say what the API's values are; marshmallow's own accept more than the contract."""

import zoneinfo
from datetime import datetime
from functools import cache
from typing import Any

import phonenumbers
from marshmallow import Schema, ValidationError, fields, validate

LONGEST_NAME = 200
LONGEST_TEXT = 5000
MOST_CENTS = 10_000_000_00
ZERO_DECIMAL = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"}
)

THREE_DECIMAL = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def decimals_of(currency: str) -> int:
    """How many decimals the amounts of a currency have in which they are charged."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def words(*, required: bool = False, longest: int = LONGEST_NAME, shortest: int = 1, **kwargs: Any) -> fields.String:
    return fields.String(
        required=required,
        validate=[validate.Length(min=shortest, max=longest), validate.Regexp(r"^[^\x00]*\Z", error="Holds U+0000.")],
        **kwargs,
    )


def text(**kwargs: Any) -> fields.String:
    return words(longest=LONGEST_TEXT, shortest=0, **kwargs)


def cents(*, required: bool = False, least: int = 0, **kwargs: Any) -> fields.Integer:
    """Minor units of the currency beside it."""
    return fields.Integer(required=required, strict=True, validate=validate.Range(min=least, max=MOST_CENTS), **kwargs)


def count(*, least: int = 0, most: int = 1_000_000, required: bool = False, **kwargs: Any) -> fields.Integer:
    return fields.Integer(required=required, strict=True, validate=validate.Range(min=least, max=most), **kwargs)


@cache
def zone_names() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones()) - {"localtime", "Factory", "posixrules"}


class ZoneName(fields.String):
    """An IANA time zone."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> str:
        name: str = super()._deserialize(value, attr, data, **kwargs)
        if name not in zone_names():
            message = "Not a time zone of the IANA database."
            raise ValidationError(message)
        return name


class Instant(fields.AwareDateTime):
    """ISO 8601 with an offset."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> datetime:
        found: datetime = super()._deserialize(value, attr, data, **kwargs)
        if not 2000 <= found.year <= 2200:  # noqa: PLR2004 - bounds keep arithmetic on it inside datetime's range
            message = "Not an instant between the years 2000 and 2200."
            raise ValidationError(message)
        return found


class WallClock(fields.NaiveDateTime):
    """A date and a time of day, without a zone."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> datetime:
        found: datetime = super()._deserialize(value, attr, data, **kwargs)
        if not 2000 <= found.year <= 2200:  # noqa: PLR2004 - as of instants
            message = "Not a time between the years 2000 and 2200."
            raise ValidationError(message)
        return found


class PhoneNumber(fields.String):
    """A phone number with its country code; kept in E.164."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: Any) -> str:
        given: str = super()._deserialize(value, attr, data, **kwargs)
        try:
            parsed = phonenumbers.parse(given, None)
        except phonenumbers.NumberParseException as error:
            message = "Not a phone number with a country code."
            raise ValidationError(message) from error
        if not phonenumbers.is_possible_number(parsed):
            message = "Not a possible phone number."
            raise ValidationError(message)
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


class EmailAddress(fields.Email):
    """An e-mail address; case is kept, comparison ignores it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(max=254), **kwargs)


class Minutes(fields.String):
    """A wall-clock time `HH:MM`, kept as minutes after midnight; up to 48:00 for hours past midnight."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            validate=validate.Regexp(r"^([0-3][0-9]|4[0-8]):[0-5][0-9]\Z", error="Not a time HH:MM."), **kwargs
        )

    def _serialize(self, value: object, attr: str | None, obj: object, **kwargs: Any) -> str | None:
        if isinstance(value, int):
            value = f"{value // 60:02d}:{value % 60:02d}"
        return super()._serialize(value, attr, obj, **kwargs)


def minutes_of(clock_time: str) -> int:
    """Minutes after midnight of a wall-clock time `HH:MM`."""
    hours, _, minutes = clock_time.partition(":")
    return int(hours) * 60 + int(minutes)


class PageQuery(Schema):
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=100))
    cursor = fields.String(validate=validate.Length(min=1, max=500))

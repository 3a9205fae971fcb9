# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The codes of gift cards are found again whatever the release, and by nobody without the key."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from uuid import UUID

import pytest
from flask import Flask

from tithi.payments import gift_codes

TENANT, OTHER_TENANT, SALE, OTHER_SALE = (UUID(int=number) for number in range(1, 5))


@pytest.fixture(autouse=True)
def key() -> Iterator[Flask]:
    """An application that has nothing but a key."""
    app = Flask("codes")
    app.config["TITHI"] = SimpleNamespace(secret_key="s" * 64)
    with app.app_context():
        yield app


def test_a_code_is_eighty_bits_in_four_groups_that_can_be_typed() -> None:
    code = gift_codes.code_of(TENANT, SALE)
    assert re.fullmatch(r"[A-Z2-7]{4}(-[A-Z2-7]{4}){3}", code)


def test_each_sale_of_each_business_has_a_code_of_its_own() -> None:
    codes = {gift_codes.code_of(tenant, sale) for tenant in (TENANT, OTHER_TENANT) for sale in (SALE, OTHER_SALE)}
    assert len(codes) == 4


def test_codes_that_were_sent_stay_valid_in_every_release() -> None:
    code = gift_codes.code_of(TENANT, SALE)
    assert code == "T4QK-X5C5-SVGR-TP4H"
    assert gift_codes.hash_of(TENANT, code) == ("c20b2b05d4c4de184a28871d08a5708a09736c906204cb9b1affeb5365ace393")


def test_another_key_makes_other_codes(key: Flask) -> None:
    code = gift_codes.code_of(TENANT, SALE)
    found_by = gift_codes.hash_of(TENANT, code)
    key.config["TITHI"] = SimpleNamespace(secret_key="t" * 64)
    assert gift_codes.code_of(TENANT, SALE) != code
    assert gift_codes.hash_of(TENANT, code) != found_by


@pytest.mark.parametrize("typed", ["ab2c-de3f", "AB2CDE3F", " ab2c de3f ", "AB-2C-DE-3F."])
def test_a_code_is_found_whatever_its_case_spaces_and_hyphens(typed: str) -> None:
    assert gift_codes.normalise(typed) == "AB2CDE3F"
    assert gift_codes.hash_of(TENANT, typed) == gift_codes.hash_of(TENANT, "AB2C-DE3F")
    assert gift_codes.hash_of(TENANT, typed) != gift_codes.hash_of(TENANT, "AB2C-DE3G")
    assert gift_codes.hash_of(TENANT, typed) != gift_codes.hash_of(OTHER_TENANT, typed)

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from datetime import UTC, datetime

import pytest

from tithi.notifications import rendering
from tithi.notifications.rendering import PLACEHOLDERS, Template, UnknownPlaceholderError
from tithi.notifications.template_parts import BUSINESS, CUSTOMER
from tithi.notifications.templates import TEMPLATES

EVERYTHING = {name: f"<{name}>" for name in PLACEHOLDERS}
NOTHING = dict.fromkeys(PLACEHOLDERS, "")


def template(body: str = "{{greeting}}", *, subject: str = "Hello", link_label: str = "") -> Template:
    return Template(
        subject=subject, heading="Heading", body=body, details=(("Price", "{{price}}"),), link_label=link_label
    )


@pytest.mark.parametrize(
    "text",
    [
        "{{password_hash}}",
        "{{customer_name.__class__}}",
        "{{ greeting }}",
        "{{}}",
        "{{greeting|upper}}",
        "{% for x in y %}{{x}}{% endfor %}",
        "{{greeting",
        "greeting}}",
        "{{{{greeting}}}}",
    ],
)
def test_a_template_that_names_what_is_not_on_the_list_is_refused(text: str) -> None:
    with pytest.raises(UnknownPlaceholderError):
        rendering.render(template(text), EVERYTHING)


def test_a_listed_placeholder_without_a_value_is_refused() -> None:
    with pytest.raises(UnknownPlaceholderError):
        rendering.fill("{{greeting}}", {})


def test_a_value_is_never_read_as_a_template() -> None:
    assert rendering.fill("{{customer_name}}", EVERYTHING | {"customer_name": "{{link}}"}) == "{{link}}"


def test_html_shows_values_escaped_and_text_shows_them_as_they_are() -> None:
    found = rendering.render(
        template("{{customer_name}}", link_label="Open"),
        NOTHING | {"customer_name": "<script>alert('x')</script>", "link": 'https://tithi.test/"><b>'},
    )

    assert "<script>alert('x')</script>" in found.text
    assert "<script>" not in found.html
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;" in found.html
    assert 'href="https://tithi.test/&quot;&gt;&lt;b&gt;"' in found.html


def test_a_subject_is_one_line_of_bounded_length() -> None:
    found = rendering.render(
        template(subject="For {{customer_name}}"),
        NOTHING | {"customer_name": "Ana\r\nBcc: all@tithi.test\x00 " + "a" * 500},
    )

    assert found.subject.startswith("For Ana Bcc: all@tithi.test aaa")
    assert len(found.subject) == rendering.LONGEST_SUBJECT


def test_lines_of_a_value_stay_lines_in_both_parts() -> None:
    found = rendering.render(template("{{lines}}"), NOTHING | {"lines": "Cut: $30.00\nColour: $70.00"})

    assert "Cut: $30.00\nColour: $70.00" in found.text
    assert "Cut: $30.00<br>Colour: $70.00" in found.html


def test_characters_that_turn_the_reading_direction_are_left_out() -> None:
    found = rendering.render(template("{{customer_name}}"), NOTHING | {"customer_name": "Ana\u202egnp.exe"})

    assert "Anagnp.exe" in found.text
    assert "\u202e" not in found.text + found.html


def test_a_detail_and_a_line_without_values_are_left_out() -> None:
    found = rendering.render(template("Always\nFee {{fee}}\n\n{{note}}\n\nEnd"), NOTHING)

    assert "Always\n\nEnd" in found.text
    assert "Fee" not in found.text
    assert "Price" not in found.text + found.html


@pytest.mark.parametrize("key", sorted(TEMPLATES))
@pytest.mark.parametrize("values", [EVERYTHING, NOTHING], ids=["with every value", "with no value"])
def test_every_built_in_mail_renders(key: tuple[str, str], values: dict[str, str]) -> None:
    found = rendering.render(TEMPLATES[key], values)

    assert found.subject
    assert "{{" not in found.subject + found.text + found.html
    assert found.html.count("<div") == found.html.count("</div>")


def test_every_mail_has_words_for_both_readers() -> None:
    names = {name for name, _recipient in TEMPLATES}

    assert set(TEMPLATES) == {(name, recipient) for name in names for recipient in (CUSTOMER, BUSINESS)}


def test_the_customers_own_link_is_in_no_mail_to_the_business() -> None:
    texts = [
        rendering.render(found, EVERYTHING) for (_name, recipient), found in TEMPLATES.items() if recipient == BUSINESS
    ]

    assert texts
    assert not any("<link>" in found.text or "&lt;link&gt;" in found.html for found in texts)


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "shown"),
    [
        (123450, "USD", "en_US", "$1,234.50"),
        (5, "USD", "en_US", "$0.05"),
        (1250, "JPY", "en_US", "¥1,250"),
        (12500, "KWD", "en_US", "KWD12.500"),
        (125050, "RSD", "en_US", "RSD1,250.50"),
        (125050, "EUR", "de_DE", "1.250,50 €"),
        (0, "GBP", "en_US", "£0.00"),
    ],
)
def test_an_amount_is_shown_exactly_in_its_currency(amount: int, currency: str, locale: str, shown: str) -> None:
    assert rendering.money(amount, currency, locale=locale) == shown


def test_a_visit_is_told_in_the_time_zone_of_its_place() -> None:
    found = rendering.period(
        datetime(2027, 1, 5, 19, 30, tzinfo=UTC), datetime(2027, 1, 5, 20, 15, tzinfo=UTC), "America/New_York"
    )

    assert found == "Tuesday, January 5, 2027, 2:30 PM to 3:15 PM (Eastern Standard Time)"


def test_a_visit_past_midnight_names_both_days() -> None:
    found = rendering.period(
        datetime(2027, 7, 1, 21, 30, tzinfo=UTC), datetime(2027, 7, 1, 22, 30, tzinfo=UTC), "Europe/Berlin"
    )

    assert found == (
        "Thursday, July 1, 2027, 11:30 PM to Friday, July 2, 2027, 12:30 AM (Central European Summer Time)"
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ana Lima", "Hello Ana Lima,"),
        ("J. R. Smith", "Hello J. R. Smith,"),
        ("Win at evil.test", "Hello,"),
        ("https://evil.test", "Hello,"),
        ("x" * 61, "Hello,"),
        ("", "Hello,"),
    ],
)
def test_a_customer_is_greeted_by_name_unless_it_reads_like_an_address(name: str, shown: str) -> None:
    assert rendering.greeting(name) == shown


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ({}, ""),
        ({"street": "1 Main St", "city": "Albany", "region": "NY", "postal_code": "12207", "country": "US"},
         "1 Main St, Albany, NY 12207, US"),
        ({"city": "Berlin", "postal_code": "10115"}, "Berlin, 10115"),
    ],
)  # fmt: skip
def test_an_address_is_told_by_the_parts_that_are_known(parts: dict[str, str], shown: str) -> None:
    assert rendering.postal_address(parts) == shown

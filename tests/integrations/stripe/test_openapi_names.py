# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The table taken from the library says what the vendor's published document says.

`openapi_names.json` was read out of the document by hand, object by object, and knows nothing of the library. The
library calls whatever may be absent nullable and whatever may be null optional; the document's marks are widened in
the same way before the two are compared.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integrations.stripe.conformance import SCHEMA

NAMES: dict[str, Any] = json.loads(Path(__file__).with_name("openapi_names.json").read_text())
OBJECTS, OPERATIONS = NAMES["objects"], NAMES["parameters"]

IN_DELETED = "the document describes a deleted object apart, the library in the same class"
LATER = "came after the version of the document that was read"
ONLY_IN_LIBRARY = {
    ("account", "deleted"): IN_DELETED,
    ("customer", "deleted"): IN_DELETED,
    ("invoice", "deleted"): IN_DELETED,
    ("plan", "deleted"): IN_DELETED,
    ("price", "deleted"): IN_DELETED,
    ("dispute", "intended_submission_method"): LATER,
    ("POST /v1/disputes/{id}", "intended_submission_method"): LATER,
    (
        "error",
        "user_message",
    ): "an error of the second generation of the API, which the library keeps in the same class",
}
ONLY_IN_DOCUMENT = {
    ("invoice", "subscription"): "left without a description; the library offers what stands under the parent instead",
}
ALWAYS_IN_LIBRARY = {
    ("invoice", "id"): "the document does not mark it; the library does so for the id of every object",
}


def test_every_shape_in_use_was_read_in_the_document() -> None:
    assert set(SCHEMA["definitions"]) == set(OBJECTS)
    assert set(SCHEMA["parameters"]) == set(OPERATIONS)


@pytest.mark.parametrize("word", sorted(OBJECTS))
def test_an_object_has_the_fields_that_were_published(word: str) -> None:
    published, derived = OBJECTS[word], SCHEMA["definitions"][word]
    shared = set(published["properties"]) - named(ONLY_IN_DOCUMENT, word)

    assert set(derived["properties"]) == shared | named(ONLY_IN_LIBRARY, word)
    assert {name: kinds(derived["properties"][name]) for name in shared} == {
        name: widened(published, name) - absent(word, name) for name in shared
    }
    assert set(derived["required"]) == named(ALWAYS_IN_LIBRARY, word) | {
        name for name in published["required"] if "null" not in widened(published, name)
    }


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_an_operation_has_the_parameters_that_were_published(operation: str) -> None:
    published, derived = OPERATIONS[operation], SCHEMA["parameters"][operation]

    assert set(derived["properties"]) == set(published["properties"]) | named(ONLY_IN_LIBRARY, operation)
    assert sorted(derived["required"]) == published["required"]


def named(differences: dict[tuple[str, str], str], owner: str) -> set[str]:
    return {name for word, name in differences if word == owner}


def absent(word: str, name: str) -> set[str]:
    """The null that the library does not add, because it has the field always."""
    return {"null"} if (word, name) in ALWAYS_IN_LIBRARY else set()


def widened(published: dict[str, Any], name: str) -> set[str]:
    """The types of a field with the null that the library adds to what may be absent."""
    kind = published["properties"][name]
    stated = {kind} if isinstance(kind, str) else set(kind)
    return stated if name in published["required"] else stated | {"null"}


def kinds(schema: dict[str, Any]) -> set[str]:
    """The types that a schema lets through; what an enumeration names counts by its type."""
    if "anyOf" in schema:
        return {kind for choice in schema["anyOf"] for kind in kinds(choice)}
    if "enum" in schema:
        return {{str: "string", bool: "boolean"}[type(value)] for value in schema["enum"]}
    kind = schema.get("type", "object")
    return {kind} if isinstance(kind, str) else set(kind)

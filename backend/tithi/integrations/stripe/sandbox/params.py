# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Typed reading of a request's parameters, with the vendor's refusals."""

from typing import Any

from tithi.integrations.stripe.sandbox.problems import InvalidError, invalid_param, missing_param

MAX_METADATA_KEYS = 50
MAX_METADATA_KEY_LENGTH = 40
MAX_METADATA_VALUE_LENGTH = 500
_TRUE = ("true", True)
_FALSE = ("false", False)


class Params:
    """The parameters of one request, or of one nested map in it; `path` is its name for error answers."""

    def __init__(self, values: dict[str, Any], *, path: str = "") -> None:
        self.values = values
        self._path = path

    def allow(self, *names: str) -> None:
        """Refuse what the operation does not know."""
        for name in self.values:
            if name not in names:
                full = self._full(name)
                message = f"Received unknown parameter: {full}"
                raise InvalidError(message, code="parameter_unknown", param=full)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.values.get(name) not in (None, "")

    def text(self, name: str, default: str | None = None) -> str | None:
        value = self.values.get(name, default)
        if value in (None, ""):
            return default
        if not isinstance(value, str):
            raise invalid_param(self._full(name), f"Invalid string: {value}")
        return value

    def required(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise missing_param(self._full(name))
        return value

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(name) or default
        if value not in choices:
            message = f"Invalid {self._full(name)}: must be one of {', '.join(choices)}"
            raise invalid_param(self._full(name), message)
        return value

    def integer(self, name: str) -> int | None:
        value = self.values.get(name)
        if value in (None, ""):
            return None
        try:
            return int(str(value))
        except ValueError as error:
            full = self._full(name)
            message = f"Invalid integer: {value}"
            raise InvalidError(message, code="parameter_invalid_integer", param=full) from error

    def required_integer(self, name: str) -> int:
        value = self.integer(name)
        if value is None:
            raise missing_param(self._full(name))
        return value

    def boolean(self, name: str, *, default: bool = False) -> bool:
        value = self.values.get(name)
        if value in (None, ""):
            return default
        if value in _TRUE:
            return True
        if value in _FALSE:
            return False
        raise invalid_param(self._full(name), f"Invalid boolean: {value}")

    def inner(self, name: str) -> "Params":
        value = self.values.get(name)
        if value in (None, ""):
            return Params({}, path=self._full(name))
        if not isinstance(value, dict):
            raise invalid_param(self._full(name), "Invalid object")
        return Params(value, path=self._full(name))

    def items(self, name: str) -> list[str]:
        value = self.values.get(name)
        if value in (None, ""):
            return []
        if not isinstance(value, list):
            raise invalid_param(self._full(name), "Invalid array")
        return [str(item) for item in value]

    def metadata(self, current: dict[str, str] | None = None) -> dict[str, str]:
        """Merge what is given into what is there: an empty value removes its key, an empty map all keys."""
        if "metadata" not in self.values:
            return dict(current or {})
        given = self.values["metadata"]
        if given == "":
            return {}
        if not isinstance(given, dict):
            raise invalid_param(self._full("metadata"), "Invalid object")
        merged = {**(current or {}), **{str(key): str(value) for key, value in given.items()}}
        merged = {key: value for key, value in merged.items() if value != ""}
        self._check_metadata(merged)
        return merged

    def _check_metadata(self, metadata: dict[str, str]) -> None:
        param = self._full("metadata")
        if len(metadata) > MAX_METADATA_KEYS:
            raise invalid_param(param, "Metadata can have up to 50 keys.", code="metadata_too_many_keys")
        for key, value in metadata.items():
            if len(key) > MAX_METADATA_KEY_LENGTH or len(value) > MAX_METADATA_VALUE_LENGTH:
                message = "Metadata keys have up to 40 characters, values up to 500."
                raise invalid_param(param, message, code="parameter_invalid_string")

    def _full(self, name: str) -> str:
        return f"{self._path}[{name}]" if self._path else name

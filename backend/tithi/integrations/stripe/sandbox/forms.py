# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Reading of form-encoded parameters with nested names: `a[b]=1`, `a[]=1`, `a[0][b]=1`."""

import re
from collections.abc import Iterable
from typing import Any

_PART = re.compile(r"\[([^\[\]]*)\]")


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Turn flat pairs into nested maps and lists; every leaf is text."""
    root: dict[str, Any] = {}
    for name, value in pairs:
        _place(root, _path(name), value)
    return {name: _listed(value) for name, value in root.items()}


def _path(name: str) -> list[str]:
    head, bracket, rest = name.partition("[")
    return [head, *_PART.findall(bracket + rest)]


def _place(node: dict[str, Any], path: list[str], value: str) -> None:
    for part in path[:-1]:
        child = node.setdefault(part or str(len(node)), {})
        node = child if isinstance(child, dict) else {}
    node[path[-1] or str(len(node))] = value


def _listed(node: object) -> object:
    if not isinstance(node, dict):
        return node
    children = {name: _listed(child) for name, child in node.items()}
    if children and all(name.isdecimal() for name in children):
        return [children[name] for name in sorted(children, key=int)]
    return children

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The other paths under which the API is known: same handler, same behaviour, marked in the OpenAPI document."""

from dataclasses import dataclass

from flask import Flask
from flask_smorest import Api

API = "/api/v1"


@dataclass(frozen=True, slots=True)
class Alias:
    method: str
    path: str
    canonical: str


ALIASES = (
    *(Alias("POST", f"/auth/{word}", f"{API}/auth/{word}") for word in ("register", "login", "logout", "refresh")),
    Alias("POST", "/auth/switch-tenant", f"{API}/auth/switch-tenant"),
    Alias("GET", "/auth/me", f"{API}/auth/me"),
    Alias("GET", "/auth/.well-known/jwks.json", f"{API}/auth/.well-known/jwks.json"),
    Alias("GET", "/v1/<slug>", f"{API}/public/<slug>"),
    Alias("GET", "/v1/<slug>/info", f"{API}/public/<slug>/info"),
    Alias("GET", "/v1/<slug>/services", f"{API}/public/<slug>/services"),
    Alias("GET", "/v1/b/<slug>", f"{API}/public/<slug>"),
    Alias("GET", "/v1/b/<slug>/info", f"{API}/public/<slug>/info"),
    Alias("GET", "/v1/b/<slug>/services", f"{API}/public/<slug>/services"),
    Alias("GET", f"{API}/public", f"{API}/public/<slug>"),
    *(
        Alias("GET", f"{API}/public/{word}", f"{API}/public/<slug>/{word}")
        for word in ("info", "services", "team", "policies")
    ),
    *(
        Alias("POST", f"{API}/public/{word}", f"{API}/public/<slug>/{word}")
        for word in (
            "availability",
            "bookings",
            "coupons/validate",
            "gift-cards/balance",
            "holds",
            "quote",
            "waitlist",
        )
    ),
    Alias("GET", f"{API}/public/class-sessions", f"{API}/public/<slug>/class-sessions"),
    Alias(
        "POST",
        f"{API}/public/class-sessions/<uuid:class_session_id>/bookings",
        f"{API}/public/<slug>/class-sessions/<uuid:class_session_id>/bookings",
    ),
    Alias("GET", f"{API}/staff", f"{API}/team/members"),
    Alias("POST", f"{API}/staff", f"{API}/team/members"),
    Alias("GET", f"{API}/staff/<uuid:member_id>", f"{API}/team/members/<uuid:member_id>"),
    Alias("PUT", f"{API}/staff/<uuid:member_id>", f"{API}/team/members/<uuid:member_id>"),
    Alias("DELETE", f"{API}/staff/<uuid:member_id>", f"{API}/team/members/<uuid:member_id>"),
    Alias("GET", f"{API}/staff/<uuid:member_id>/availability", f"{API}/team/<uuid:member_id>/availability"),
    Alias("POST", f"{API}/staff/<uuid:member_id>/availability", f"{API}/team/<uuid:member_id>/availability"),
    Alias("GET", f"{API}/staff/<uuid:member_id>/time-off", f"{API}/team/<uuid:member_id>/time-off"),
    Alias("POST", f"{API}/staff/<uuid:member_id>/time-off", f"{API}/team/<uuid:member_id>/time-off"),
    Alias(
        "DELETE",
        f"{API}/staff/<uuid:member_id>/time-off/<uuid:exception_id>",
        f"{API}/team/<uuid:member_id>/time-off/<uuid:exception_id>",
    ),
    Alias("GET", f"{API}/admin/bookings", f"{API}/bookings"),
    Alias("GET", f"{API}/admin/bookings/<uuid:booking_id>", f"{API}/bookings/<uuid:booking_id>"),
    Alias("PUT", f"{API}/admin/bookings/<uuid:booking_id>", f"{API}/bookings/<uuid:booking_id>"),
    Alias("POST", f"{API}/admin/bookings/bulk-action", f"{API}/admin/bookings/bulk-actions"),
    *(
        Alias("POST", f"{API}/admin/bookings/<uuid:booking_id>/{word}", f"{API}/bookings/<uuid:booking_id>/{word}")
        for word in ("complete", "no-show", "cancel", "check-in", "confirm")
    ),
    Alias("GET", f"{API}/admin/customers", f"{API}/customers"),
    Alias("GET", f"{API}/admin/customers/<uuid:customer_id>", f"{API}/customers/<uuid:customer_id>"),
    Alias("GET", f"{API}/admin/customers/<uuid:customer_id>/bookings", f"{API}/customers/<uuid:customer_id>/bookings"),
    Alias("POST", "/api/payments/webhook", f"{API}/payments/webhooks/connect"),
    Alias("POST", "/api/payments/stripe/connect/setup", f"{API}/payments/stripe/connect/setup"),
    Alias("POST", "/api/payments/stripe/subscription/create", f"{API}/payments/subscription/create"),
    Alias("POST", "/api/payments/checkout", f"{API}/payments/checkout"),
    Alias("POST", "/api/payments/process", f"{API}/payments/checkout"),
    Alias("POST", "/api/payments/stripe/checkout/session", f"{API}/payments/checkout"),
    Alias("POST", "/api/payments/stripe/payment/refund", f"{API}/payments/refund"),
    Alias("POST", "/api/payments/no-show-fee", f"{API}/payments/no-show-fee"),
    Alias("GET", "/api/payments/methods", f"{API}/payments/methods"),
    Alias("GET", "/api/payments/status/<uuid:payment_id>", f"{API}/payments/status/<uuid:payment_id>"),
    Alias("GET", "/api/payments/<uuid:payment_id>", f"{API}/payments/<uuid:payment_id>"),
)


def install(app: Flask) -> None:
    """Serve every alias by the view of its canonical path."""
    endpoints = {
        (rule.rule, method): rule.endpoint for rule in app.url_map.iter_rules() for method in rule.methods or ()
    }
    for alias in ALIASES:
        endpoint = endpoints[alias.canonical, alias.method]
        app.add_url_rule(alias.path, endpoint=f"{endpoint}", methods=[alias.method])


def describe(api: Api) -> None:
    """Show every alias in the document."""
    for alias in ALIASES:
        _describe(api, alias)


def _describe(api: Api, alias: Alias) -> None:
    canonical_path, alias_path = _shown(alias.canonical), _shown(alias.path)
    known = api.spec._paths[canonical_path]  # noqa: SLF001 - apispec has no public reader of its paths
    method = alias.method.lower()
    operation = {
        **known[method],
        "operationId": f"{known[method]['operationId']}__{_words(alias.path)}",
        "summary": f"{known[method].get('summary', '')} (alias)".strip(),
        "x-alias-of": canonical_path,
    }
    names = {part.partition("}")[0] for part in alias_path.split("{")[1:]}
    parameters = [one for one in known.get("parameters", []) if not isinstance(one, dict) or one.get("name") in names]
    operation["parameters"] = [
        one
        for one in operation.get("parameters", [])
        if not (isinstance(one, dict) and one.get("in") == "path" and one.get("name") not in names)
    ]
    item = api.spec._paths.setdefault(alias_path, {"parameters": parameters} if parameters else {})  # noqa: SLF001
    item[method] = operation


def _shown(path: str) -> str:
    return path.replace("<uuid:", "{").replace("<", "{").replace(">", "}")


def _words(path: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in path).strip("_")

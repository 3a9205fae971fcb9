# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Connected accounts (API version 2): opened, completed by their owner, restricted, disconnected."""

from tithi.integrations.stripe.sandbox.call import APPLICATION, PLATFORM, Body, Call
from tithi.integrations.stripe.sandbox.clock import rfc3339
from tithi.integrations.stripe.sandbox.params import Params
from tithi.integrations.stripe.sandbox.problems import InvalidError, no_access
from tithi.integrations.stripe.sandbox.store import new_id

KIND = "accounts"
LINK_SECONDS = 300
INSTANT_MARK = "tithi_sandbox_onboarding"
STATUSES = ("active", "pending", "restricted", "unsupported")
_PARTS = (
    "configuration.customer",
    "configuration.merchant",
    "configuration.recipient",
    "defaults",
    "future_requirements",
    "identity",
    "requirements",
)
_CURRENCY = {
    "au": "aud", "br": "brl", "ca": "cad", "ch": "chf", "dk": "dkk", "gb": "gbp", "hk": "hkd", "in": "inr",
    "jp": "jpy", "mx": "mxn", "no": "nok", "nz": "nzd", "pl": "pln", "se": "sek", "sg": "sgd", "us": "usd",
}  # fmt: skip


def create(call: Call) -> Body:
    params = call.params
    params.allow("account_token", "configuration", "contact_email", "contact_phone", "dashboard", "defaults",
                 "display_name", "identity", "include", "metadata")  # fmt: skip
    country = (params.inner("identity").text("country") or "us").lower()
    account: Body = {
        "id": new_id("acct"),
        "object": "v2.core.account",
        "applied_configurations": sorted(params.inner("configuration").values),
        "configuration": {"customer": None, "merchant": _merchant(), "recipient": None},
        "contact_email": params.text("contact_email"),
        "contact_phone": params.text("contact_phone"),
        "created": rfc3339(call.now),
        "dashboard": params.text("dashboard"),
        "defaults": _defaults(params.inner("defaults"), country),
        "display_name": params.text("display_name"),
        "future_requirements": None,
        "identity": {
            **dict.fromkeys(("attestations", "business_details", "entity_type", "individual")),
            "country": country,
        },
        "livemode": False,
        "metadata": params.metadata(),
        "requirements": {"entries": [_open_requirement()], "summary": _summary()},
    }
    call.store.put(KIND, PLATFORM, account)
    if account["metadata"].get(INSTANT_MARK) == "instant":
        complete(call, account["id"])
    return _with_parts(call, find(call, account["id"]))


def retrieve(call: Call, account: str) -> Body:
    call.params.allow("include")
    return _with_parts(call, find(call, account))


def create_link(call: Call) -> Body:
    params = call.params
    params.allow("account", "use_case")
    account = find(call, params.required("account"))
    use_case = params.inner("use_case")
    onboarding = use_case.inner(use_case.required("type"))
    onboarding.required("refresh_url")
    secret = new_id("link")
    link: Body = {
        "object": "v2.core.account_link",
        "account": account["id"],
        "created": rfc3339(call.now),
        "expires_at": rfc3339(call.now + LINK_SECONDS),
        "livemode": False,
        "url": f"{call.base_url}/_sandbox/onboarding/{account['id']}/{secret}",
        "use_case": use_case.values,
    }
    call.store.put("account_links", PLATFORM, {"id": secret, "until": call.now + LINK_SECONDS, **link})
    return link


def follow_link(call: Call, account: str, secret: str) -> str:
    """Complete the account as its owner would on the hosted page; answer where the page leads next.

    A used or expired link leads to the refresh address.
    """
    link = call.store.get("account_links", PLATFORM, secret, called="account_link")
    (case,) = (value for value in link["use_case"].values() if isinstance(value, dict))
    call.store.put("account_links", PLATFORM, link | {"until": 0})
    if call.now >= link["until"]:
        return str(case["refresh_url"])
    complete(call, account)
    return str(case.get("return_url") or case["refresh_url"])


def complete(call: Call, account: str) -> None:
    """Everything asked for was given and accepted."""
    body = find(call, account)
    body["requirements"] = {"entries": [], "summary": None}
    set_capabilities(call, body, card_payments="active", payouts="active")


def set_capabilities(call: Call, account: Body, *, card_payments: str, payouts: str) -> None:
    account["configuration"]["merchant"]["capabilities"] = {
        "card_payments": _capability(card_payments),
        "stripe_balance": {"payouts": _capability(payouts)},
    }
    call.store.put(KIND, PLATFORM, account)
    call.emit("account.updated", _snapshot(account), account=account["id"])


def require(call: Call, account: Body, *, due_by: str) -> None:
    """Ask the owner for something; the capabilities stay as they are until it is overdue."""
    deadline = {"status": "currently_due", "time": due_by}
    account["requirements"] = {"entries": [_open_requirement()], "summary": {"minimum_deadline": deadline}}
    call.store.put(KIND, PLATFORM, account)
    call.emit("account.updated", _snapshot(account), account=account["id"])


def reconnect(call: Call, account: str) -> None:
    """The owner lets the platform in again; nothing that was kept there is lost."""
    body = call.store.get(KIND, PLATFORM, account, called="account")
    call.store.put(KIND, PLATFORM, body | {"_is_disconnected": False})
    call.emit("account.application.authorized", {"id": APPLICATION, "object": "application", "name": "Sandbox"},
              account=account)  # fmt: skip


def disconnect(call: Call, account: str) -> None:
    """The owner withdrew the platform's access."""
    body = find(call, account)
    call.emit("account.application.deauthorized", {"id": APPLICATION, "object": "application", "name": "Sandbox"},
              account=account)  # fmt: skip
    call.store.put(KIND, PLATFORM, body | {"_is_disconnected": True})


def find(call: Call, account: str) -> Body:
    """Answer a connected account or raise the refusal for a foreign one."""
    body = call.store.find(KIND, PLATFORM, account)
    if body is None or body.get("_is_disconnected"):
        raise no_access(account)
    return body


def require_charges(call: Call) -> None:
    """Refuse money to an account that may not take cards yet."""
    if call.account == PLATFORM:
        return
    merchant = find(call, call.account)["configuration"]["merchant"]
    if merchant["capabilities"]["card_payments"]["status"] != "active":
        message = (
            "Your account cannot currently make charges. Complete the account's requirements to enable card payments."
        )
        raise InvalidError(message)


def _defaults(given: Params, country: str) -> Body:
    responsibilities = given.inner("responsibilities")
    return {
        "currency": given.text("currency") or _CURRENCY.get(country, "eur"),
        "locales": None,
        "profile": None,
        "responsibilities": {
            "fees_collector": responsibilities.text("fees_collector") or "stripe",
            "losses_collector": responsibilities.text("losses_collector") or "stripe",
            "requirements_collector": "stripe",
        },
    }


def _merchant() -> Body:
    return {
        "applied": True,
        "capabilities": {
            "card_payments": _capability("restricted"),
            "stripe_balance": {"payouts": _capability("restricted")},
        },
    }


def _capability(status: str) -> Body:
    details = [] if status == "active" else [{"code": "requirements_past_due", "resolution": "provide_info"}]
    return {"status": status, "status_details": details}


def _summary() -> Body:
    return {"minimum_deadline": {"status": "currently_due", "time": None}}


def _open_requirement() -> Body:
    return {
        "awaiting_action_from": "user",
        "description": "identity.business_details.registered_name",
        "errors": [],
        "impact": {
            "restricts_capabilities": [
                {
                    "capability": "card_payments",
                    "configuration": "merchant",
                    "deadline": {"status": "currently_due"},
                }
            ]
        },
        "minimum_deadline": {"status": "currently_due"},
        "reference": None,
        "requested_reasons": [{"code": "routine_onboarding"}],
    }


def _with_parts(call: Call, account: Body) -> Body:
    """Leave out the parts that were not asked for, as version 2 does."""
    wanted = call.params.items("include")
    for part in wanted:
        if part not in _PARTS:
            message = f"Invalid include: {part}"
            raise InvalidError(message, code="invalid_fields", param="include")
    answer = {name: value for name, value in account.items() if not name.startswith("_")}
    for name in ("defaults", "future_requirements", "identity", "requirements"):
        if name not in wanted:
            answer[name] = None
    chosen = {name: value for name, value in account["configuration"].items() if f"configuration.{name}" in wanted}
    answer["configuration"] = {"customer": None, "merchant": None, "recipient": None} | chosen if chosen else None
    return answer


def _snapshot(account: Body) -> Body:
    """The account as version 1 events show it."""
    capabilities = account["configuration"]["merchant"]["capabilities"]
    return {
        "id": account["id"],
        "object": "account",
        "capabilities": {"card_payments": "active" if _is_active(capabilities["card_payments"]) else "inactive"},
        "charges_enabled": _is_active(capabilities["card_payments"]),
        "country": account["identity"]["country"].upper(),
        "default_currency": account["defaults"]["currency"],
        "details_submitted": not account["requirements"]["entries"],
        "email": account["contact_email"],
        "metadata": account["metadata"],
        "payouts_enabled": _is_active(capabilities["stripe_balance"]["payouts"]),
        "type": "none",
    }


def _is_active(capability: Body) -> bool:
    return bool(capability["status"] == "active")

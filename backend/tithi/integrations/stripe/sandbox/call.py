# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""One request on its way through the sandbox, and how objects are shown in its answer."""

from dataclasses import dataclass
from typing import Any

from tithi.integrations.stripe.sandbox import events
from tithi.integrations.stripe.sandbox.params import Params
from tithi.integrations.stripe.sandbox.problems import InvalidError
from tithi.integrations.stripe.sandbox.store import Store
from tithi.integrations.stripe.sandbox.webhooks import WebhookEndpoint

Body = dict[str, Any]

PLATFORM = "acct_sandboxplatform"
APPLICATION = "ca_sandboxplatform"
MAX_EXPAND_DEPTH = 4
_ABSENT_WHEN_UNSET = {
    "refund": frozenset({"failure_balance_transaction"}),
    "subscription": frozenset({"status_details"}),
}
_KINDS = {
    "ch": "charges",
    "cus": "customers",
    "du": "disputes",
    "fee": "application_fees",
    "in": "invoices",
    "pi": "payment_intents",
    "pm": "payment_methods",
    "po": "payouts",
    "re": "refunds",
    "seti": "setup_intents",
    "sub": "subscriptions",
    "txn": "balance_transactions",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`account` is the account acted for: the platform's own unless the request names another.

    `is_secret` tells the platform's server from a customer's browser.
    """

    store: Store
    account: str
    params: Params
    now: int
    is_secret: bool
    base_url: str
    endpoints: tuple[WebhookEndpoint, ...]
    request_id: str | None = None
    idempotency_key: str | None = None

    def emit(self, type_: str, subject: Body, *, account: str | None = None, previous: Body | None = None) -> None:
        """Record an event of the account acted for, or of another one."""
        account = account or self.account
        events.record(
            self.store,
            account=account,
            is_connected=account != PLATFORM,
            type_=type_,
            data={"object": shown(subject)} | ({"previous_attributes": previous} if previous else {}),
            now=self.now,
            request={"id": self.request_id, "idempotency_key": self.idempotency_key},
            endpoints=self.endpoints,
        )

    def answer(self, body: Body) -> Body:
        """Show an object with the parts the request wants expanded."""
        answer = shown(body)
        for path in self.params.items("expand"):
            parts = path.split(".")
            if len(parts) > MAX_EXPAND_DEPTH:
                message = "You cannot expand more than 4 levels of a property."
                raise InvalidError(message, code="property_expansion_max_depth", param="expand")
            self._expand(answer, parts, path)
        return answer

    def _expand(self, body: Body, parts: list[str], path: str) -> None:
        name, rest = parts[0], parts[1:]
        if name not in body and name in _ABSENT_WHEN_UNSET.get(body.get("object", ""), ()):
            return
        if name not in body:
            message = f"This property cannot be expanded ({path})."
            raise InvalidError(message, code="property_cannot_be_expanded", param="expand")
        value = body[name]
        if isinstance(value, str) and (expanded := self._referred(value)) is not None:
            body[name] = value = expanded
        for child in value if isinstance(value, list) else [value]:
            if rest and isinstance(child, dict):
                self._expand(child, rest, path)

    def _referred(self, name: str) -> Body | None:
        kind = _KINDS.get(name.partition("_")[0])
        if kind is None:
            return None
        body = self.store.find(kind, self.account, name) or self.store.find(kind, PLATFORM, name)
        return None if body is None else shown(body)


def shown(body: Body) -> Body:
    """Leave out what the sandbox keeps for itself, by an underscore in front, and what is absent when it is unset."""
    absent = _ABSENT_WHEN_UNSET.get(body.get("object", ""), ())
    return {
        name: value
        for name, value in body.items()
        if not name.startswith("_") and not (value is None and name in absent)
    }

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The part of the client that opens and reads the businesses' own accounts."""

from collections.abc import Callable, Mapping
from typing import Any

from tithi.integrations.stripe import answers
from tithi.integrations.stripe.contract import AccountLink, AccountState

PARTS = ["configuration.merchant", "defaults", "identity", "requirements"]

Call = Callable[[Any, dict[str, Any]], Any]


class AccountCalls:
    """A parent of the client, which gives the two ways to send."""

    def create_account(
        self,
        *,
        key: str,
        email: str,
        country: str,
        currency: str | None,
        business_name: str,
        metadata: Mapping[str, str],
    ) -> AccountState:
        defaults: dict[str, Any] = {"responsibilities": {"fees_collector": "stripe", "losses_collector": "stripe"}}
        if currency is not None:
            defaults["currency"] = currency.lower()
        params = {
            "contact_email": email,
            "display_name": business_name,
            "dashboard": "full",
            "identity": {"country": country.lower()},
            "configuration": {"merchant": {"capabilities": {"card_payments": {"requested": True}}}},
            "defaults": defaults,
            "metadata": dict(metadata),
            "include": PARTS,
        }
        return answers.account_state(self.platform_write(key, lambda api, at: api.v2.core.accounts.create(params, at)))

    def fetch_account(self, *, account: str) -> AccountState:
        require_account(account)
        params = {"include": PARTS}
        return answers.account_state(self._send(account, lambda api: api.v2.core.accounts.retrieve(account, params)))

    def create_account_link(self, *, account: str, key: str, refresh_url: str, return_url: str) -> AccountLink:
        require_account(account)
        onboarding = {"refresh_url": refresh_url, "return_url": return_url}
        params = {"account": account, "use_case": {"type": "account_onboarding", "account_onboarding": onboarding}}
        return answers.account_link(
            self.platform_write(key, lambda api, at: api.v2.core.account_links.create(params, at))
        )

    def platform_write(self, key: str, call: Call) -> dict[str, Any]:
        raise NotImplementedError

    def _send(self, account: str, call: Callable[[Any], Any]) -> dict[str, Any]:
        raise NotImplementedError


def require_account(account: str) -> None:
    if not account:
        message = "a call about money must name the business's account"
        raise ValueError(message)

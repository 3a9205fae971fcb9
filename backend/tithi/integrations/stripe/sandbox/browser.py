# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What a customer's browser may do with an intent: only the one whose client secret it holds."""

from tithi.integrations.stripe.sandbox.call import Body, Call
from tithi.integrations.stripe.sandbox.problems import InvalidError

SECRET_NAMES = ("client_secret",)


def intent_of_browser(call: Call, intent: Body) -> Body:
    """Answer the intent, or refuse when a browser asks for one it has no secret for."""
    given = call.params.text("client_secret")
    if given is None and call.is_secret:
        return intent
    if given != intent["client_secret"]:
        message = "The client_secret provided does not match any associated intent on this account."
        raise InvalidError(message, code="resource_missing", param="client_secret")
    return intent


def next_action(call: Call, kind: str, intent: Body) -> Body:
    """Send the customer to their bank: away and back, or by the vendor's script in the page."""
    page = f"{call.base_url}/_sandbox/{kind}/{intent['id']}/authenticate?account={call.account}"
    return_url = call.params.text("return_url")
    if return_url is not None:
        return {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": page}}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": page}}

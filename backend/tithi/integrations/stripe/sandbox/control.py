# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The sandbox's own pages, under `/_sandbox`: the customer's hand, the clock, faults, webhooks, accounts."""

import json
from collections.abc import Callable
from datetime import datetime
from html import escape
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from tithi.integrations.stripe.sandbox import disputes
from tithi.integrations.stripe.sandbox.call import Body
from tithi.integrations.stripe.sandbox.forms import nested
from tithi.integrations.stripe.sandbox.params import Params
from tithi.integrations.stripe.sandbox.problems import InvalidError, ProblemError
from tithi.integrations.stripe.sandbox.state import SandboxState

Page = Callable[..., Response]

_OUTCOMES = ("success", "failure")
_INDEX = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Payment sandbox</title>
<h1>Payment sandbox</h1><p>Clock: {now}</p><table>{rows}</table>
<h2>Commands</h2><ul>
<li>GET, POST /_sandbox/clock <code>now=… | advance_seconds=…</code></li>
<li>GET, POST, DELETE /_sandbox/faults <code>match="POST /v1/payment_intents" kind=… times=… seconds=…</code></li>
<li>POST /_sandbox/setup_intents/{{id}}/authenticate, /_sandbox/payment_intents/{{id}}/authenticate
<code>outcome=success|failure</code></li>
<li>POST /_sandbox/webhooks <code>mode=deliver|hold|drop</code>, POST /_sandbox/events/{{id}}/resend</li>
<li>POST /_sandbox/accounts/{{id}} <code>card_payments=… payouts=…</code>,
POST /_sandbox/accounts/{{id}}/disconnect, /_sandbox/accounts/{{id}}/reconnect,
/_sandbox/accounts/{{id}}/requirements <code>due_by=…</code></li>
<li>POST /_sandbox/dunning <code>retry_days=3,5,7 end=cancel|unpaid|past_due</code></li>
<li>POST /_sandbox/charges/{{id}}/dispute <code>reason=… inquiry=true|false</code>,
POST /_sandbox/disputes/{{id}}/decide <code>outcome=won|lost</code>, POST /_sandbox/payouts/{{id}}/fail,
POST /_sandbox/accounts/{{id}}/payouts <code>currency=…</code></li>
<li>GET /_sandbox/objects/{{kind}}, POST, DELETE /_sandbox/objects/{{kind}}/{{id}}
<code>field=…</code></li></ul></html>"""
_AUTHENTICATE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Bank of the sandbox</title>
<h1>Is it you who pays?</h1><form method="post">
<button name="outcome" value="success">Yes, it is me</button>
<button name="outcome" value="failure">No</button></form></html>"""
_KINDS = ("accounts", "customers", "payment_methods", "setup_intents", "payment_intents", "charges", "refunds",
          "disputes", "payouts", "application_fees", "balance_transactions", "subscriptions", "invoices",
          "events")  # fmt: skip


def answer(request: Request, state: SandboxState) -> Response:
    """Answer a request for one of the sandbox's own pages; commands are forms or JSON."""
    try:
        page, path = _PAGES.bind("").match(request.path, request.method)
        response: Response = page(state, _params(request), **path)
    except ProblemError as problem:
        return _json({"error": problem.body}, problem.status)
    except HTTPException as problem:
        return _json({"error": {"message": problem.description}}, problem.code or 500)
    return response


def _index(state: SandboxState, _params: Params) -> Response:
    rows = "".join(f"<tr><td>{escape(kind)}<td>{len(state.objects(kind))}" for kind in _KINDS)
    return Response(_INDEX.format(now=state.now(), rows=rows), content_type="text/html; charset=utf-8")


def _clock(state: SandboxState, params: Params) -> Response:
    params.allow("now", "advance_seconds")
    if "advance_seconds" in params:
        return _json({"now": state.advance(params.required_integer("advance_seconds"))})
    if "now" in params:
        return _json({"now": state.set_clock(_moment(params.values["now"]))})
    return _json({"now": state.now()})


def _faults(state: SandboxState, _params: Params) -> Response:
    return _json({"faults": state.standing_faults()})


def _add_fault(state: SandboxState, params: Params) -> Response:
    return _json(state.add_fault_from(params), 201)


def _clear_faults(state: SandboxState, _params: Params) -> Response:
    state.clear_faults()
    return _json({"faults": []})


def _webhooks(state: SandboxState, params: Params) -> Response:
    mode = params.choice("mode", ("deliver", "hold", "drop"), "deliver")
    state.hold_webhooks(is_held=mode == "hold")
    state.drop_webhooks(is_dropped=mode == "drop")
    return _json({"mode": mode})


def _resend(state: SandboxState, _params: Params, event: str) -> Response:
    return _json({"endpoints": state.resend(event)})


def _authenticate(state: SandboxState, params: Params, kind: str, intent: str) -> Response:
    outcome = params.choice("outcome", _OUTCOMES, "success")
    return _json(state.authenticate(kind, intent, succeeds=outcome == "success", account=params.text("account")))


def _ask(_state: SandboxState, _params: Params, kind: str, intent: str) -> Response:
    del kind, intent
    return Response(_AUTHENTICATE, content_type="text/html; charset=utf-8")


def _onboard(state: SandboxState, _params: Params, account: str, secret: str) -> Response:
    return redirect(state.follow_link(account, secret))


def _set_account(state: SandboxState, params: Params, account: str) -> Response:
    statuses = ("active", "pending", "restricted", "unsupported")
    card_payments = params.choice("card_payments", statuses, "active")
    payouts = params.choice("payouts", statuses, card_payments)
    state.set_account(account, card_payments=card_payments, payouts=payouts)
    return _json({"account": account, "card_payments": card_payments, "payouts": payouts})


def _disconnect(state: SandboxState, _params: Params, account: str) -> Response:
    state.disconnect_account(account)
    return _json({"account": account})


def _reconnect(state: SandboxState, _params: Params, account: str) -> Response:
    state.reconnect_account(account)
    return _json({"account": account})


def _require(state: SandboxState, params: Params, account: str) -> Response:
    params.allow("due_by")
    state.require_of_account(account, due_by=params.required("due_by"))
    return _json({"account": account})


def _objects(state: SandboxState, params: Params, kind: str) -> Response:
    return _json({"data": state.objects(kind, params.text("account"))})


def _dispute(state: SandboxState, params: Params, charge: str) -> Response:
    params.allow("reason", "inquiry")
    reason = params.choice("reason", disputes.REASONS, "fraudulent")
    return _json(state.dispute(charge, reason=reason, is_inquiry=params.boolean("inquiry")), 201)


def _decide(state: SandboxState, params: Params, dispute: str) -> Response:
    return _json(state.decide_dispute(dispute, is_won=params.choice("outcome", ("won", "lost"), "won") == "won"))


def _pay_out(state: SandboxState, params: Params, account: str) -> Response:
    params.allow("currency")
    return _json({"payout": state.pay_out(account, params.required("currency").lower())})


def _fail_payout(state: SandboxState, _params: Params, payout: str) -> Response:
    return _json(state.fail_payout(payout))


def _change(state: SandboxState, params: Params, kind: str, name: str) -> Response:
    return _json(state.change(kind, name, params.values))


def _forget(state: SandboxState, _params: Params, kind: str, name: str) -> Response:
    state.forget(kind, name)
    return _json({"id": name, "deleted": True})


def _dunning(state: SandboxState, params: Params) -> Response:
    return _json(state.configure_dunning(params))


def _moment(value: Any) -> int:  # noqa: ANN401 - what a command holds
    try:
        return int(str(value))
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        message = "now is seconds since the epoch or an ISO 8601 instant"
        raise InvalidError(message, param="now") from error
    if moment.tzinfo is None:
        message = "now needs an offset"
        raise InvalidError(message, param="now")
    return int(moment.timestamp())


def _params(request: Request) -> Params:
    if request.is_json:
        body = request.get_json(silent=True)
        return Params(body if isinstance(body, dict) else {})
    return Params(nested([*request.args.items(multi=True), *request.form.items(multi=True)]))


def _json(body: Body, status: int = 200) -> Response:
    return Response(json.dumps(body, indent=2), status, content_type="application/json")


def _page(method: str, path: str, page: Page) -> Rule:
    return Rule(path, methods=[method], endpoint=page)


_INTENT = "/_sandbox/<any(setup_intents, payment_intents):kind>/<intent>/authenticate"
_PAGES = Map(
    [
        _page("GET", "/", _index),
        _page("GET", "/_sandbox", _index),
        _page("GET", "/_sandbox/clock", _clock),
        _page("POST", "/_sandbox/clock", _clock),
        _page("GET", "/_sandbox/faults", _faults),
        _page("POST", "/_sandbox/faults", _add_fault),
        _page("DELETE", "/_sandbox/faults", _clear_faults),
        _page("POST", "/_sandbox/webhooks", _webhooks),
        _page("POST", "/_sandbox/events/<event>/resend", _resend),
        _page("GET", _INTENT, _ask),
        _page("POST", _INTENT, _authenticate),
        _page("GET", "/_sandbox/onboarding/<account>/<secret>", _onboard),
        _page("POST", "/_sandbox/accounts/<account>", _set_account),
        _page("POST", "/_sandbox/accounts/<account>/disconnect", _disconnect),
        _page("POST", "/_sandbox/accounts/<account>/reconnect", _reconnect),
        _page("POST", "/_sandbox/accounts/<account>/requirements", _require),
        _page("POST", "/_sandbox/charges/<charge>/dispute", _dispute),
        _page("POST", "/_sandbox/disputes/<dispute>/decide", _decide),
        _page("POST", "/_sandbox/accounts/<account>/payouts", _pay_out),
        _page("POST", "/_sandbox/payouts/<payout>/fail", _fail_payout),
        _page("POST", "/_sandbox/dunning", _dunning),
        _page("GET", "/_sandbox/objects/<kind>", _objects),
        _page("POST", "/_sandbox/objects/<kind>/<name>", _change),
        _page("DELETE", "/_sandbox/objects/<kind>/<name>", _forget),
    ],
    strict_slashes=False,
)

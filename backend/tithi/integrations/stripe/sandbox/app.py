# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The sandbox as a WSGI application: who asks, for which account, once or again, and what goes wrong on the way."""

import hmac
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from tithi.integrations.stripe.sandbox import accounts, control, faults, routes
from tithi.integrations.stripe.sandbox.call import PLATFORM, Body, Call
from tithi.integrations.stripe.sandbox.clock import Clock
from tithi.integrations.stripe.sandbox.events import API_VERSION
from tithi.integrations.stripe.sandbox.forms import nested
from tithi.integrations.stripe.sandbox.idempotency import KEPT_SECONDS, KEPT_SECONDS_V2, Keys, fingerprint
from tithi.integrations.stripe.sandbox.params import Params
from tithi.integrations.stripe.sandbox.problems import InvalidError, ProblemError, no_access
from tithi.integrations.stripe.sandbox.state import SandboxState
from tithi.integrations.stripe.sandbox.store import Store, new_id
from tithi.integrations.stripe.sandbox.webhooks import Deliverer, WebhookEndpoint

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Result = tuple[int, Body]

_SUCCESS = 200
_CLIENT_ERROR = 400
_ANYWHERE = {
    "Access-Control-Allow-Headers": "*, Authorization",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Request-Id",
}
_IDENTIFYING = ("key", "_stripe_account")
_BROKEN: Body = {
    "error": {"message": "An unknown error occurred. (The sandbox was told to fail.)", "type": "api_error"}
}


class Sandbox:
    """A WSGI application; `state` looks into it and winds its clock, `close` ends its deliveries and its store."""

    def __init__(self, *, store: Store, secret_key: str, webhooks: Sequence[WebhookEndpoint]) -> None:
        self._store = store
        self._secret_key = secret_key
        self._endpoints = tuple(webhooks)
        self._clock = Clock(store)
        self._keys = Keys(store)
        self._routes = routes.api()
        self._is_closed = False
        self._deliverer = Deliverer(store, self._endpoints)
        self._deliverer.start()
        self.state = SandboxState(store=store, clock=self._clock, deliverer=self._deliverer, endpoints=self._endpoints)

    def close(self) -> None:
        """End for good; connections that are still open get no further answer."""
        self._is_closed = True
        self._deliverer.stop()
        self._store.close()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        if self._is_closed:
            raise faults.lose_connection(environ.get("werkzeug.socket"))
        if request.method == "OPTIONS":
            response = Response(status=204)
        elif request.path == "/" or request.path.startswith("/_sandbox"):
            response = control.answer(request, self.state)
        else:
            response = self._api(request)
        response.headers.extend(_ANYWHERE)
        return response(environ, start_response)

    def _api(self, request: Request) -> Response:
        request_id = new_id("req")
        headers = {"Request-Id": request_id, "Stripe-Version": request.headers.get("Stripe-Version", API_VERSION)}
        try:
            status, body, more = self._answer(request, request_id)
        except ProblemError as problem:
            status, body, more = problem.status, {"error": problem.body}, problem.headers
        self._deliverer.nudge()
        if status >= _CLIENT_ERROR and "error" in body and status != _CLIENT_ERROR:
            headers["Stripe-Should-Retry"] = "true" if status == 409 else "false"  # noqa: PLR2004 - conflict
        return Response(json.dumps(body, indent=2), status, headers | more, content_type="application/json")

    def _answer(self, request: Request, request_id: str) -> tuple[int, Body, dict[str, str]]:
        is_secret = self._authenticate(request)
        try:
            operation, path = self._routes.bind("").match(request.path, request.method)
        except HTTPException:
            message = f"Unrecognized request URL ({request.method}: {request.path})."
            raise InvalidError(message, status=404) from None
        if not (is_secret or operation.is_public):
            message = "This API call cannot be made with a publishable API key. Please use a secret API key."
            raise InvalidError(message, status=403, code="secret_key_required")
        params = _params(request)
        with self._store.transaction():
            account = self._account(request, params)
            params = {name: value for name, value in params.items() if name not in _IDENTIFYING}
            fault = faults.take(self._store, method=request.method, path=request.path, account=account)
            now = self._clock.now()
        call = Call(
            store=self._store,
            account=account,
            params=Params(params),
            now=now,
            is_secret=is_secret,
            base_url=request.host_url.rstrip("/"),
            endpoints=self._endpoints,
            request_id=request_id,
            idempotency_key=request.headers.get("Idempotency-Key"),
        )
        _fail_before(fault, request)
        status, body, is_replay = self._once(request, call, operation, path, fault)
        if fault is not None and fault["kind"] == "lose_answer_after":
            raise faults.lose_connection(request.environ.get("werkzeug.socket"))
        return status, body, {"Idempotent-Replayed": "true"} if is_replay else {}

    def _once(
        self, request: Request, call: Call, operation: routes.Operation, path: Mapping[str, Any], fault: Body | None
    ) -> tuple[int, Body, bool]:
        """Run the operation, or repeat what its key already led to."""
        key = call.idempotency_key if request.method == "POST" else None
        if key is None:
            _delay(fault)
            return (*self._run(call, operation, path, fault), False)
        self._keys.begin(call.account, key)
        try:
            mark = fingerprint(request.method, request.path, call.params.values)
            with self._store.transaction():
                known = self._keys.result(call.account, key, mark, call.now)
            if known is not None:
                return (*known, True)
            _delay(fault)
            is_second = request.path.startswith("/v2/")
            until = call.now + (KEPT_SECONDS_V2 if is_second else KEPT_SECONDS)
            with self._store.transaction():
                result = self._run(call, operation, path, fault)
                if not is_second or result[0] == _SUCCESS:
                    self._keys.keep(call.account, key, mark, result, until)
            return (*result, False)
        finally:
            self._keys.end(call.account, key)

    def _run(self, call: Call, operation: routes.Operation, path: Mapping[str, Any], fault: Body | None) -> Result:
        kind = None if fault is None else fault["kind"]
        with self._store.transaction():
            self.state.sweep()
            if kind == "error_500":
                return 500, _BROKEN
            try:
                result = _SUCCESS, operation.run(call, **path)
            except ProblemError as problem:
                if not problem.kept:
                    raise
                result = problem.status, {"error": problem.body}
            return (500, _BROKEN) if kind == "error_500_after" else result

    def _authenticate(self, request: Request) -> bool:
        """Answer whether the secret key was shown; the publishable key is its public twin."""
        given = _shown_key(request)
        if hmac.compare_digest(given, self._secret_key):
            return True
        if hmac.compare_digest(given, publishable_key(self._secret_key)):
            return False
        message = "Invalid API Key provided." if given else "You did not provide an API key."
        raise InvalidError(message, status=401, code="api_key_invalid" if given else None)

    def _account(self, request: Request, params: dict[str, Any]) -> str:
        account = request.headers.get("Stripe-Account") or params.get("_stripe_account")
        if not account:
            return PLATFORM
        known = self._store.find(accounts.KIND, PLATFORM, account)
        if known is None or known.get("_is_disconnected"):
            raise no_access(account)
        return str(account)


def create_sandbox(state_path: Path | None, secret_key: str, webhooks: Sequence[WebhookEndpoint]) -> Sandbox:
    """Make a sandbox that keeps its state in a file, or in memory without a path."""
    return Sandbox(store=Store(state_path), secret_key=secret_key, webhooks=webhooks)


def publishable_key(secret_key: str) -> str:
    return f"pk_{secret_key.partition('_')[2]}"


def _shown_key(request: Request) -> str:
    header = request.headers.get("Authorization", "")
    scheme, _, value = header.partition(" ")
    if scheme == "Bearer":
        return value
    if request.authorization is not None and request.authorization.username:
        return request.authorization.username
    return str(request.values.get("key", ""))


def _params(request: Request) -> dict[str, Any]:
    if request.method in ("GET", "DELETE"):
        return nested(request.args.items(multi=True))
    if not request.path.startswith("/v2/"):
        return nested(request.form.items(multi=True))
    try:
        body = json.loads(request.get_data() or b"{}")
    except ValueError as error:
        message = "The request body is not valid JSON."
        raise InvalidError(message) from error
    return body if isinstance(body, dict) else {}


def _fail_before(fault: Body | None, request: Request) -> None:
    """Let go wrong what comes before the operation is begun."""
    if fault is None:
        return
    connection = request.environ.get("werkzeug.socket")
    match fault["kind"]:
        case "lose_answer_before":
            raise faults.lose_connection(connection)
        case "reset":
            raise faults.reset_connection(connection)
        case "rate_limit_429":
            problem = InvalidError("Too many requests hit the API too quickly.", status=429, code="rate_limit")
            problem.headers["Retry-After"] = str(fault["seconds"] or 1)
            raise problem
        case "conflict_409":
            message = "There is currently another in-progress request using this Idempotent Key."
            raise InvalidError(message, status=409, code="idempotency_key_in_use", kind="idempotency_error")


def _delay(fault: Body | None) -> None:
    """Take long over it, the key being in use and nothing else being held up."""
    if fault is not None and fault["kind"] == "slow":
        time.sleep(fault["seconds"] or faults.DEFAULT_SLOW_SECONDS)

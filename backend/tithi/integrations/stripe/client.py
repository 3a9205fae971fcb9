# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The payment processor, through the vendor's own library; the only module that knows that library.

The library is loaded at the first call, because it is heavy and most processes never move money.
"""

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from tithi.integrations.stripe import answers
from tithi.integrations.stripe.account_client import AccountCalls, require_account
from tithi.integrations.stripe.bookkeeping_client import WITH_BALANCE, WITH_LISTED_CHARGE, BookkeepingCalls
from tithi.integrations.stripe.contract import (
    MAX_KEY_LENGTH,
    SIGNATURE_TOLERANCE_SECONDS,
    BusyError,
    CardSetup,
    ChargeState,
    KeptCard,
    NoAnswerError,
    ProcessorError,
    ProviderEvent,
    RefundState,
    RefusedError,
    SignatureInvalidError,
)

if TYPE_CHECKING:
    from tithi.integrations.stripe.budget import CallBudget

API_VERSION = "2026-10-28.endive"
TIMEOUT_SECONDS = (1.0, 10.0)
MAX_RETRY_AFTER_SECONDS = 3600.0
PLATFORM = "platform"
_CONFLICT = 409
_SERVER_ERROR = 500
_CARDS_ONLY = ["card"]
_WITH_METHOD = ["payment_method"]
_WITH_CHARGE = ["latest_charge", "latest_charge.balance_transaction", "payment_method"]


class CardRefusedError(RefusedError):
    """The issuer's no, with the error body that names the intent it happened to."""

    def __init__(self, message: str, *, code: str, body: Mapping[str, Any]) -> None:
        super().__init__(message, code=code)
        self.body = body


class StripeProcessor(AccountCalls, BookkeepingCalls):
    """Implements `PaymentProcessor` and, by its parents, `Bookkeeping`.

    `api_base` replaces the vendor's address, without a trailing slash. `before_call` runs before each request and may
    refuse by raising, `budget` may make it wait. `timeout` is connect and read seconds.
    """

    def __init__(
        self,
        *,
        secret_key: str,
        api_base: str | None,
        before_call: Callable[[], None],
        timeout: tuple[float, float] = TIMEOUT_SECONDS,
        budget: "CallBudget | None" = None,
    ) -> None:
        self._secret_key = secret_key
        self._api_base = api_base
        self._before_call = before_call
        self._timeout = timeout
        self._budget = budget
        self._lock = Lock()
        self._client: Any = None
        self._http: Any = None

    def close(self) -> None:
        """Give back the connections of the calling thread; the next call opens them again."""
        if self._http is not None:
            self._http.close()

    def create_customer(
        self, *, account: str, key: str, email: str | None, name: str | None, metadata: Mapping[str, str]
    ) -> str:
        params = given(email=email, name=name, metadata=dict(metadata))
        customer = self._write(account, key, lambda api, at: api.v1.customers.create(params, at))
        return str(customer["id"])

    def set_up_card(
        self,
        *,
        account: str,
        key: str,
        customer_ref: str,
        payment_method_ref: str | None,
        return_url: str | None,
        metadata: Mapping[str, str],
    ) -> CardSetup:
        params = given(
            customer=customer_ref,
            usage="off_session",
            allowed_payment_method_types=_CARDS_ONLY,
            metadata=dict(metadata),
            expand=_WITH_METHOD,
        )
        if payment_method_ref is not None:
            params |= given(payment_method=payment_method_ref, confirm=True, return_url=return_url)
        try:
            setup = self._write(account, key, lambda api, at: api.v1.setup_intents.create(params, at))
        except CardRefusedError as refusal:
            setup = declined_object(refusal, "setup_intent", "last_setup_error")
        return answers.card_setup(setup)

    def fetch_setup(self, *, account: str, setup_ref: str) -> CardSetup:
        params = {"expand": _WITH_METHOD}
        return answers.card_setup(
            self._read(account, lambda api, at: api.v1.setup_intents.retrieve(setup_ref, params, at))
        )

    def authorize(
        self,
        *,
        account: str,
        key: str,
        customer_ref: str,
        payment_method_ref: str,
        amount_cents: int,
        currency: str,
        application_fee_cents: int | None,
        metadata: Mapping[str, str],
        description: str | None,
    ) -> ChargeState:
        params = _wanted(amount_cents, currency, application_fee_cents, metadata, description) | given(
            customer=customer_ref,
            payment_method=payment_method_ref,
            capture_method="manual",
            confirm=True,
            off_session=True,
        )
        return self._charge(account, key, lambda api, at: api.v1.payment_intents.create(params, at))

    def take(
        self,
        *,
        account: str,
        key: str,
        customer_ref: str,
        payment_method_ref: str | None,
        amount_cents: int,
        currency: str,
        application_fee_cents: int | None,
        metadata: Mapping[str, str],
        description: str | None,
    ) -> ChargeState:
        params = _wanted(amount_cents, currency, application_fee_cents, metadata, description) | given(
            customer=customer_ref,
            payment_method=payment_method_ref,
            capture_method="automatic",
            confirm=True if payment_method_ref is not None else None,
            setup_future_usage="off_session",
        )
        return self._charge(account, key, lambda api, at: api.v1.payment_intents.create(params, at))

    def capture(
        self, *, account: str, key: str, intent_ref: str, amount_cents: int, application_fee_cents: int | None
    ) -> ChargeState:
        params = given(
            amount_to_capture=amount_cents, application_fee_amount=application_fee_cents, expand=_WITH_CHARGE
        )
        return self._charge(account, key, lambda api, at: api.v1.payment_intents.capture(intent_ref, params, at))

    def cancel_charge(self, *, account: str, key: str, intent_ref: str) -> ChargeState:
        params = {"expand": _WITH_CHARGE}
        return self._charge(account, key, lambda api, at: api.v1.payment_intents.cancel(intent_ref, params, at))

    def fetch_charge(self, *, account: str, intent_ref: str) -> ChargeState:
        params = {"expand": _WITH_CHARGE}
        return answers.charge_state(
            self._read(account, lambda api, at: api.v1.payment_intents.retrieve(intent_ref, params, at))
        )

    def find_charge(
        self, *, account: str, customer_ref: str, metadata_key: str, metadata_value: str
    ) -> ChargeState | None:
        params = {"customer": customer_ref, "expand": WITH_LISTED_CHARGE}
        intents = self._every(account, lambda api: api.v1.payment_intents.list, params)
        found = (intent for intent in intents if intent["metadata"].get(metadata_key) == metadata_value)
        return next((answers.charge_state(intent) for intent in found), None)

    def refund(
        self,
        *,
        account: str,
        key: str,
        intent_ref: str,
        amount_cents: int,
        refund_application_fee: bool = True,
        metadata: Mapping[str, str],
    ) -> RefundState:
        params = {
            "payment_intent": intent_ref,
            "amount": amount_cents,
            "refund_application_fee": refund_application_fee,
            "metadata": dict(metadata),
            "expand": WITH_BALANCE,
        }
        return answers.refund_state(self._write(account, key, lambda api, at: api.v1.refunds.create(params, at)))

    def fetch_refund(self, *, account: str, refund_ref: str) -> RefundState:
        params = {"expand": WITH_BALANCE}
        return answers.refund_state(
            self._read(account, lambda api, at: api.v1.refunds.retrieve(refund_ref, params, at))
        )

    def fetch_card(self, *, account: str, payment_method_ref: str) -> KeptCard | None:
        try:
            method = self._read(account, lambda api, at: api.v1.payment_methods.retrieve(payment_method_ref, {}, at))
        except RefusedError as refusal:
            if refusal.code == "resource_missing":
                return None
            raise
        return answers.kept_card(method)

    def detach_card(self, *, account: str, key: str, payment_method_ref: str) -> None:
        try:
            self._write(account, key, lambda api, at: api.v1.payment_methods.detach(payment_method_ref, {}, at))
        except RefusedError:
            method = self._read(account, lambda api, at: api.v1.payment_methods.retrieve(payment_method_ref, {}, at))
            if method.get("customer") is not None:
                raise

    def parse_event(self, payload: bytes, signature: str, secrets: Sequence[str]) -> ProviderEvent:
        vendor: Any = importlib.import_module("stripe")
        for secret in secrets:
            try:
                vendor.WebhookSignature.verify_header(payload, signature, secret, SIGNATURE_TOLERANCE_SECONDS)
            except (vendor.SignatureVerificationError, UnicodeDecodeError):
                continue
            try:
                return answers.provider_event(json.loads(payload))
            except (KeyError, TypeError, ValueError) as error:
                message = "signed, but not an event this platform reads"
                raise RefusedError(message, code="event_unreadable") from error
        message = "no secret fits the signature, or it is too old"
        raise SignatureInvalidError(message)

    def _charge(self, account: str, key: str, call: "_Call") -> ChargeState:
        try:
            intent = self._write(account, key, call)
        except CardRefusedError as refusal:
            intent = declined_object(refusal, "payment_intent", "last_payment_error")
        return answers.charge_state(intent)

    def _write(self, account: str, key: str, call: "_Call") -> dict[str, Any]:
        require_account(account)
        options = {"stripe_account": account, "idempotency_key": _checked(key)}
        return self._send(account, lambda api: call(api, options))

    def platform_write(self, key: str, call: "_Call") -> dict[str, Any]:
        """Change something of the platform's own account."""
        options = {"idempotency_key": _checked(key)}
        return self._send(PLATFORM, lambda api: call(api, options))

    def platform_read(self, call: Callable[[Any], Any]) -> dict[str, Any]:
        """Ask about the platform's own account."""
        return self._send(PLATFORM, call)

    def _read(self, account: str, call: "_Call") -> dict[str, Any]:
        require_account(account)
        options = {"stripe_account": account}
        return self._send(account, lambda api: call(api, options))

    def _send(self, account: str, call: Callable[[Any], Any]) -> dict[str, Any]:
        self._before_call()
        vendor, client = self._connected()
        if self._budget is not None:
            self._budget.take(account)
        try:
            answer: dict[str, Any] = call(client).to_dict()
        except vendor.StripeError as error:
            translated = _translated(vendor, error)
            if self._budget is not None and isinstance(error, vendor.RateLimitError):
                self._budget.hold(account, _retry_after(error.headers))
            raise translated from error
        return answer

    def _connected(self) -> tuple[Any, Any]:
        vendor: Any = importlib.import_module("stripe")
        with self._lock:
            if self._client is None:
                vendor.enable_telemetry = False
                self._http = vendor.RequestsClient(timeout=self._timeout)
                self._client = vendor.StripeClient(
                    self._secret_key,
                    stripe_version=API_VERSION,
                    base_addresses={"api": self._api_base} if self._api_base else {},
                    max_network_retries=0,
                    http_client=self._http,
                )
        return vendor, self._client


_Call = Callable[[Any, dict[str, Any]], Any]


def _checked(key: str) -> str:
    if not 0 < len(key) <= MAX_KEY_LENGTH:
        message = f"a key has 1 to {MAX_KEY_LENGTH} characters"
        raise ValueError(message)
    return key


def given(**params: object) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}


def _wanted(
    amount_cents: int, currency: str, fee_cents: int | None, metadata: Mapping[str, str], description: str | None
) -> dict[str, Any]:
    return given(
        amount=amount_cents,
        currency=currency.lower(),
        allowed_payment_method_types=_CARDS_ONLY,
        application_fee_amount=fee_cents,
        metadata=dict(metadata),
        description=description,
        expand=_WITH_CHARGE,
    )


def declined_object(refusal: CardRefusedError, name: str, reason: str) -> dict[str, Any]:
    subject = refusal.body.get(name)
    if not isinstance(subject, Mapping):
        raise refusal
    stated = {field: value for field, value in refusal.body.items() if field != name}
    return {**subject, reason: subject.get(reason) or stated}


def _translated(vendor: Any, error: Any) -> ProcessorError:  # noqa: ANN401 - the vendor's types are loaded late
    status = error.http_status or 0
    body = error.json_body.get("error") if isinstance(error.json_body, dict) else None
    body = body if isinstance(body, dict) else {}
    text = error.user_message or type(error).__name__
    code = body.get("code") or body.get("type") or f"http_{status}"
    if isinstance(error, vendor.APIConnectionError):
        return NoAnswerError("no answer from the payment processor")
    if isinstance(error, vendor.RateLimitError) or status == _CONFLICT:
        return BusyError(text, retry_after=_retry_after(error.headers))
    if status >= _SERVER_ERROR or not body:
        return NoAnswerError(f"the payment processor failed with status {status}")
    if isinstance(error, vendor.CardError):
        return CardRefusedError(text, code=code, body=body)
    return RefusedError(text, code=code)


def _retry_after(headers: Mapping[str, str]) -> float:
    try:
        seconds = float(headers.get("Retry-After", "1"))
    except ValueError:
        return 1.0
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What the platform asks of the payment processor, in its own words.

ProcessorError
├── NoAnswer          the call may or may not have happened: look it up or repeat it with the same key
├── Busy              certainly not done now: repeat later with the same key
├── Refused           the processor will not do this as asked
└── SignatureInvalid  an event that the processor did not sign for us, or signed too long ago

Declines and required customer steps are answers (`CardSetup`, `ChargeState`), not errors. Amounts are integers in the
currency's minor unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

SetupStatus = Literal["needs_method", "needs_customer", "processing", "succeeded", "canceled"]
ChargeStatus = Literal["needs_method", "needs_customer", "processing", "authorized", "succeeded", "canceled"]
RefundStatus = Literal["pending", "succeeded", "failed", "needs_action", "canceled"]
CapabilityStatus = Literal["active", "pending", "restricted", "inactive"]

SIGNATURE_TOLERANCE_SECONDS = 300
MAX_KEY_LENGTH = 255


class ProcessorError(Exception):
    """Base of what a call can end with besides an answer; the text holds no card data and no secret."""


class NoAnswerError(ProcessorError):
    """A timeout, a lost connection or a failure on the processor's side: the outcome is unknown."""


class BusyError(ProcessorError):
    """Asked to slow down, or the same key is in use this moment; `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RefusedError(ProcessorError):
    """The request is wrong, forbidden or too late; `code` is the processor's word for the reason."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class SignatureInvalidError(ProcessorError):
    """None of the secrets signed this payload within the tolerance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline:
    """Why the issuer or the processor said no.

    `code` is the processor's error code (`card_declined`, `authentication_required`, `expired_card`, …),
    `decline_code` the issuer's reason, `advice_code` what may be done next (`do_not_try_again`, `try_again_later`,
    `confirm_card_data`). `message` is fit for the customer.
    """

    code: str
    decline_code: str | None
    message: str
    advice_code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDetails:
    """What may be shown of a card; `fingerprint` is the same for the same number within one account."""

    brand: str
    last4: str
    exp_month: int
    exp_year: int
    fingerprint: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCard:
    """A kept card as the processor has it now; without a customer it was detached for good."""

    method_ref: str
    customer_ref: str | None
    card: CardDetails | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSetup:
    """A card on its way to being kept for later; `client_secret` is for the customer's browser only."""

    setup_id: str
    status: SetupStatus
    client_secret: str
    customer_ref: str
    payment_method_ref: str | None
    card: CardDetails | None
    decline: Decline | None
    live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceEntry:
    """One movement of the business's balance at the processor, made by `source_ref`: the net is what it changed.

    `net_cents` is `amount_cents` less both fees; a fee that came back is negative.
    """

    entry_ref: str
    kind: str
    source_ref: str | None
    amount_cents: int
    processor_fee_cents: int
    application_fee_cents: int
    net_cents: int
    currency: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeState:
    """One payment as the processor sees it now.

    `authorized` holds money until `capture_before`; `capturable_cents` can still be taken, `captured_cents` was,
    `refunded_cents` of it went back. `needs_customer` waits for the customer with `client_secret`, `needs_method` for
    another card; both may carry the `decline` that led there. `balance` is what the capture did to the business's
    balance, once that is known. `payment_method_ref` is the card in use, `card` what may be shown of it where it was
    asked for.
    """

    intent_ref: str
    status: ChargeStatus
    amount_cents: int
    captured_cents: int
    capturable_cents: int
    application_fee_cents: int | None
    charge_ref: str | None
    payment_method_ref: str | None
    card: CardDetails | None
    client_secret: str
    capture_before: datetime | None
    decline: Decline | None
    refunded_cents: int
    balance: BalanceEntry | None
    currency: str
    created_at: datetime
    metadata: dict[str, str]
    live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundState:
    """Money on its way back; a refund that succeeded can still fail later.

    `balance` is what it did to the business's balance, `failure_balance` what its failure did.
    """

    refund_ref: str
    status: RefundStatus
    amount_cents: int
    failure_reason: str | None
    intent_ref: str | None
    balance: BalanceEntry | None
    failure_balance: BalanceEntry | None
    created_at: datetime
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """A business's account: `card_payments` and `payouts` say whether it can charge and be paid out.

    `requirements_due` counts what its owner has to give now, and `requirements_due_by` says until when.
    """

    account_ref: str
    card_payments: CapabilityStatus
    payouts: CapabilityStatus
    details_submitted: bool
    requirements_due: int
    requirements_due_by: datetime | None
    currency: str | None
    country: str
    live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLink:
    """A short-lived page where the business completes its account."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEvent:
    """A signed hint that an object changed; fetch the object, do not trust the order.

    `account_ref` is the business's account, or `None` for an event of the platform's own account.
    """

    event_id: str
    type: str
    account_ref: str | None
    object_type: str
    object_ref: str
    live: bool
    created_at: datetime


class PaymentProcessor(Protocol):
    """Every call may raise `NoAnswerError`, `BusyError` or `RefusedError`.

    `account` is the business's account and never empty; `key` names a write once and for all, at most 255 characters,
    no personal data: repeating a call with the same key and arguments repeats the answer, not the effect.
    """

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
        """Open an account the business owns: it bears fees and losses and has its own dashboard."""
        ...

    def fetch_account(self, *, account: str) -> AccountState: ...

    def create_account_link(self, *, account: str, key: str, refresh_url: str, return_url: str) -> AccountLink: ...

    def create_customer(
        self, *, account: str, key: str, email: str | None, name: str | None, metadata: Mapping[str, str]
    ) -> str:
        """Make the customer on the business's account and answer the reference."""
        ...

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
        """Start keeping a card for charges without the customer; with a payment method it is also confirmed."""
        ...

    def fetch_setup(self, *, account: str, setup_ref: str) -> CardSetup: ...

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
        """Hold the amount on a kept card, the customer being absent; nothing is taken before `capture`."""
        ...

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
        """Take the amount at once, the customer being there, and keep the card for charges without them.

        Without a payment method the charge waits for the card that the customer enters.
        """
        ...

    def capture(
        self, *, account: str, key: str, intent_ref: str, amount_cents: int, application_fee_cents: int | None
    ) -> ChargeState:
        """Take the amount, at most what is capturable; the rest of the hold is released."""
        ...

    def cancel_charge(self, *, account: str, key: str, intent_ref: str) -> ChargeState: ...

    def fetch_charge(self, *, account: str, intent_ref: str) -> ChargeState: ...

    def find_charge(
        self, *, account: str, customer_ref: str, metadata_key: str, metadata_value: str
    ) -> ChargeState | None:
        """Look through the customer's payments for the newest one whose metadata has that value."""
        ...

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
        """Give back part or all of what was captured, and by default the same share of the platform's fee.

        A charge that bore no fee is refused unless `refund_application_fee` is false.
        """
        ...

    def fetch_refund(self, *, account: str, refund_ref: str) -> RefundState: ...

    def fetch_card(self, *, account: str, payment_method_ref: str) -> KeptCard | None:
        """The card as it is now; None when the processor does not know it."""
        ...

    def detach_card(self, *, account: str, key: str, payment_method_ref: str) -> None:
        """Forget a kept card for good; doing it twice is no error."""
        ...

    def parse_event(self, payload: bytes, signature: str, secrets: Sequence[str]) -> ProviderEvent:
        """Check the signature over the raw body against each secret, then read the event.

        Raises:
            SignatureInvalid: no secret fits, or the signature is older than 300 seconds.
        """
        ...

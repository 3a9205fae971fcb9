# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Disputes: a customer's bank takes a charge back, the business answers once, the bank decides."""

from tithi.integrations.stripe.sandbox import balance_transactions, charges
from tithi.integrations.stripe.sandbox.call import Body, Call, shown
from tithi.integrations.stripe.sandbox.lists import PAGING, page
from tithi.integrations.stripe.sandbox.problems import SettledError, unexpected_state
from tithi.integrations.stripe.sandbox.store import new_id

KIND = "disputes"
FEE = 1500
ANSWER_WITHIN_SECONDS = 7 * 24 * 3600
REASONS = (
    "bank_cannot_process", "check_returned", "credit_not_processed", "customer_initiated", "debit_not_authorized",
    "duplicate", "fraudulent", "general", "incorrect_account_details", "insufficient_funds", "noncompliant",
    "product_not_received", "product_unacceptable", "subscription_canceled", "unrecognized",
)  # fmt: skip
WINNING, LOSING = "winning_evidence", "losing_evidence"
_AWAITING = ("needs_response", "warning_needs_response")
_OPEN = (*_AWAITING, "under_review", "warning_under_review")
_EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
    "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
    "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation",
    "duplicate_charge_id", "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier",
    "shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
)  # fmt: skip


def retrieve(call: Call, dispute: str) -> Body:
    call.params.allow("expand")
    return call.answer(_find(call, dispute))


def list_all(call: Call) -> Body:
    call.params.allow(*PAGING, "charge", "payment_intent")
    wanted = {name: call.params.text(name) for name in ("charge", "payment_intent")}
    found = (
        body
        for body in call.store.every(KIND, call.account)
        if all(value in (None, body[name]) for name, value in wanted.items())
    )
    return page(call, found, url="/v1/disputes", called="dispute")


def update(call: Call, dispute: str) -> Body:
    """Take evidence; handed in, it goes to the bank, which takes it once."""
    params = call.params
    params.allow("evidence", "expand", "intended_submission_method", "metadata", "submit")
    body = _find(call, dispute)
    if body["status"] not in _AWAITING:
        message = f"This dispute cannot be updated because it has a status of {body['status']}."
        raise SettledError(message, code="dispute_not_updatable")
    evidence = params.inner("evidence")
    evidence.allow(*_EVIDENCE, "enhanced_evidence", "appeal")
    body["evidence"] |= {name: evidence.text(name) for name in evidence.values}
    body["metadata"] = params.metadata(body["metadata"])
    details = body["evidence_details"]
    details["has_evidence"] = any(body["evidence"].values())
    if not params.boolean("submit", default=True):
        call.store.put(KIND, call.account, body, due=details["due_by"])
        return call.answer(body)
    details |= {"submission_count": details["submission_count"] + 1, "submission_method": "manual"}
    body["status"] = body["status"].replace("needs_response", "under_review")
    call.store.put(KIND, call.account, body)
    call.emit("charge.dispute.updated", body)
    words = body["evidence"]["uncategorized_text"] or ""
    if WINNING in words or LOSING in words:
        decide(call, dispute, is_won=WINNING in words)
    return call.answer(_find(call, dispute))


def close(call: Call, dispute: str) -> Body:
    """Accept the dispute as lost."""
    call.params.allow("expand")
    return call.answer(decide(call, dispute, is_won=False))


def create(call: Call, charge: Body, *, reason: str, is_inquiry: bool = False) -> Body:
    """Take a captured charge back; an inquiry only asks, and no money moves."""
    dispute = _new(call, charge, reason, is_inquiry=is_inquiry)
    if not is_inquiry:
        fee = balance_transactions.fee_detail("stripe_fee", FEE, charge["currency"])
        _move(call, dispute, -dispute["amount"], [fee])
    charge["disputed"] = not is_inquiry
    charges.put(call, charge)
    call.store.put(KIND, call.account, dispute, due=dispute["evidence_details"]["due_by"])
    call.emit("charge.dispute.created", dispute)
    if not is_inquiry:
        call.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def decide(call: Call, dispute: str, *, is_won: bool) -> Body:
    """The bank decides; a dispute that is won brings the amount back, and keeps the fee."""
    body = _find(call, dispute)
    if body["status"] not in _OPEN:
        message = f"This dispute is closed already: {body['status']}."
        raise unexpected_state(message, shown(body))
    is_inquiry = body["status"].startswith("warning")
    body["status"] = "warning_closed" if is_inquiry else "won" if is_won else "lost"
    if body["status"] == "won":
        _move(call, body, body["amount"], [])
    call.store.put(KIND, call.account, body)
    call.emit("charge.dispute.closed", body)
    if body["status"] == "won":
        call.emit("charge.dispute.funds_reinstated", body)
    return body


def lapse(call: Call, dispute: str) -> None:
    """Nobody answered in time."""
    body = _find(call, dispute)
    if body["status"] in _AWAITING:
        body["evidence_details"]["past_due"] = True
        call.store.put(KIND, call.account, body)
        decide(call, dispute, is_won=False)


def _find(call: Call, dispute: str) -> Body:
    return call.store.get(KIND, call.account, dispute, called="dispute", param="dispute")


def _move(call: Call, dispute: Body, amount: int, fees: list[Body]) -> None:
    entry = balance_transactions.post(
        call, account=call.account, kind="adjustment", amount=amount, currency=dispute["currency"],
        source=dispute["id"], fees=fees,
    )  # fmt: skip
    dispute["balance_transactions"].append(shown(entry))


def _new(call: Call, charge: Body, reason: str, *, is_inquiry: bool) -> Body:
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge["amount_captured"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(_EVIDENCE) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": call.now + ANSWER_WITHIN_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "intended_submission_method": None,
        "is_charge_refundable": is_inquiry,
        "livemode": False,
        "metadata": {},
        "network_reason_code": None,
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": charge["payment_method_details"]["card"]["brand"],
                "case_type": "inquiry" if is_inquiry else "chargeback",
                "network": charge["payment_method_details"]["card"]["network"],
                "network_reason_code": None,
            },
            "type": "card",
        },
        "reason": reason,
        "status": "warning_needs_response" if is_inquiry else "needs_response",
    }

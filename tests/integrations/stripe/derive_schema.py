# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Derive `stripe_schema.json` from the type declarations of the installed vendor library.

The library is generated from the vendor's API description, so its declarations carry that version's field names, types,
required marks and parameter names. They are read as text; nothing is imported. Run with
`python -m tests.integrations.stripe.derive_schema` after an upgrade and review the difference. The result is checked
against `openapi_names.json`, which was read out of the published document itself.
"""

import ast
import json
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

SCHEMA_PATH = Path(__file__).with_name("stripe_schema.json")
MAX_VALUES = 24
OBJECTS = {
    "Account": "_account.py",
    "ApplicationFee": "_application_fee.py",
    "ApplicationFeeRefund": "_application_fee_refund.py",
    "BalanceTransaction": "_balance_transaction.py",
    "Charge": "_charge.py",
    "Customer": "_customer.py",
    "Dispute": "_dispute.py",
    "ErrorObject": "_error_object.py",
    "Event": "_event.py",
    "Invoice": "_invoice.py",
    "PaymentIntent": "_payment_intent.py",
    "PaymentMethod": "_payment_method.py",
    "Payout": "_payout.py",
    "Plan": "_plan.py",
    "Price": "_price.py",
    "Refund": "_refund.py",
    "SetupIntent": "_setup_intent.py",
    "Subscription": "_subscription.py",
}
OBJECTS_V2 = {"Account": "v2/core/_account.py", "AccountLink": "v2/core/_account_link.py"}
PARAMETERS = {
    "POST /v2/core/accounts": "v2/core/_account_create_params.py",
    "GET /v2/core/accounts/{id}": "v2/core/_account_retrieve_params.py",
    "POST /v2/core/account_links": "v2/core/_account_link_create_params.py",
    "POST /v1/customers": "_customer_create_params.py",
    "GET /v1/payment_methods/{id}": "_payment_method_retrieve_params.py",
    "POST /v1/payment_methods/{id}/detach": "_payment_method_detach_params.py",
    "POST /v1/setup_intents": "_setup_intent_create_params.py",
    "GET /v1/setup_intents/{id}": "_setup_intent_retrieve_params.py",
    "GET /v1/payment_intents": "_payment_intent_list_params.py",
    "POST /v1/payment_intents": "_payment_intent_create_params.py",
    "GET /v1/payment_intents/{id}": "_payment_intent_retrieve_params.py",
    "POST /v1/payment_intents/{id}/capture": "_payment_intent_capture_params.py",
    "POST /v1/payment_intents/{id}/cancel": "_payment_intent_cancel_params.py",
    "POST /v1/refunds": "_refund_create_params.py",
    "GET /v1/refunds": "_refund_list_params.py",
    "GET /v1/refunds/{id}": "_refund_retrieve_params.py",
    "GET /v1/balance_transactions": "_balance_transaction_list_params.py",
    "GET /v1/payouts": "_payout_list_params.py",
    "GET /v1/payouts/{id}": "_payout_retrieve_params.py",
    "GET /v1/disputes": "_dispute_list_params.py",
    "GET /v1/disputes/{id}": "_dispute_retrieve_params.py",
    "POST /v1/disputes/{id}": "_dispute_update_params.py",
    "GET /v1/events": "_event_list_params.py",
}
BILLING_PARAMETERS = {
    "POST /v1/customers/{id}": "_customer_update_params.py",
    "GET /v1/invoices": "_invoice_list_params.py",
    "GET /v1/invoices/{id}": "_invoice_retrieve_params.py",
    "POST /v1/invoices/{id}/pay": "_invoice_pay_params.py",
    "GET /v1/prices": "_price_list_params.py",
    "POST /v1/prices": "_price_create_params.py",
    "GET /v1/subscriptions": "_subscription_list_params.py",
    "POST /v1/subscriptions": "_subscription_create_params.py",
    "GET /v1/subscriptions/{id}": "_subscription_retrieve_params.py",
    "POST /v1/subscriptions/{id}": "_subscription_update_params.py",
    "DELETE /v1/subscriptions/{id}": "_subscription_cancel_params.py",
    "POST /v1/subscriptions/{id}/pause": "_subscription_pause_params.py",
    "POST /v1/subscriptions/{id}/resume": "_subscription_resume_params.py",
}
# What is described to its depth; other nested shapes are only said to be objects.
DEEP = frozenset(
    (
        "account_onboarding", "address", "amount_details", "bill_for", "billing_cycle_anchor", "billing_details",
        "capabilities", "card", "card_payments", "checks", "configuration", "created", "data", "defaults",
        "destination_details", "end_behavior", "entries", "evidence", "evidence_details", "fee_details", "fee_source",
        "identity", "impact", "invoice_settings", "items", "last_payment_error", "last_setup_error", "merchant",
        "minimum_deadline", "networks", "next_action", "outcome", "parent", "paused", "payment_method_details",
        "payment_method_options", "payouts", "product_data", "recurring", "redirect_to_url", "request",
        "requested_reasons", "requirements", "responsibilities", "restricts_capabilities", "status_details",
        "status_transitions", "stripe_balance", "subscription", "subscription_details", "summary",
        "three_d_secure_usage", "trial_settings", "unused_time_from", "use_case",
    )
)  # fmt: skip
PLAIN: dict[str, Schema] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "None": {"type": "null"},
    "Decimal": {"type": "string"},
    "Any": {},
    "object": {},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file's classes, and the words for the objects that others refer to."""

    classes: dict[str, ast.ClassDef]
    known: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where a name is looked up: the classes around it, innermost first."""

    source: Source
    around: tuple[ast.ClassDef, ...] = field(default=())
    is_deep: bool = True

    def find(self, name: str) -> ast.ClassDef | None:
        for outer in self.around:
            for node in outer.body:
                if isinstance(node, ast.ClassDef) and node.name == name:
                    return node
        return self.source.classes.get(name)


def derive(package: Path) -> Schema:
    """Answer definitions of the objects and the parameters of the operations in use."""
    words = {name: _object_word(package / path, name) for name, path in OBJECTS.items()}
    words_v2 = {name: _object_word(package / path, name) for name, path in OBJECTS_V2.items()}
    definitions = {words[name]: _class(_scope(package / path, words), name) for name, path in OBJECTS.items()} | {
        words_v2[name]: _class(_scope(package / path, words_v2), name) for name, path in OBJECTS_V2.items()
    }
    parameters = {
        name: _parameters(package / "params" / path, words)
        for name, path in {**PARAMETERS, **BILLING_PARAMETERS}.items()
    }
    version = (package / "_api_version.py").read_text().partition('CURRENT = "')[2].partition('"')[0]
    return {
        "api_version": version,
        "source": f"type declarations of stripe-python {distribution('stripe').version}",
        "definitions": definitions,
        "parameters": parameters,
    }


def _scope(path: Path, known: dict[str, str]) -> Scope:
    tree = ast.parse(path.read_text())
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    return Scope(source=Source(classes=classes, known=known))


def _object_word(path: Path, name: str) -> str:
    for node in _scope(path, {}).source.classes[name].body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "OBJECT_NAME" and node.value is not None:
            return str(ast.literal_eval(node.value))
    return "error"


def _parameters(path: Path, known: dict[str, str]) -> Schema:
    scope = _scope(path, known)
    name = next(
        name for name in scope.source.classes if name.endswith(("CreateParams", "ListParams")) or _is_outer(name)
    )
    schema = _class(scope, name)
    for option in ("stripe_account", "idempotency_key"):
        schema["properties"].pop(option, None)
    return schema


def _is_outer(name: str) -> bool:
    verbs = ("Retrieve", "Detach", "Capture", "Cancel", "Update", "Pause", "Resume", "Pay")
    return name.endswith(tuple(f"{verb}Params" for verb in verbs))


def _class(scope: Scope, name: str) -> Schema:
    node = scope.find(name)
    if node is None:
        return {"type": "object"}
    inner = Scope(source=scope.source, around=(node, *scope.around))
    properties: Schema = {}
    required = []
    for line in node.body:
        if not isinstance(line, ast.AnnAssign) or not isinstance(line.target, ast.Name):
            continue
        label, kind = line.target.id, _unquoted(line.annotation)
        if _head(kind) == "ClassVar" or label.startswith("_"):
            continue
        if _head(kind) not in ("Optional", "NotRequired"):
            required.append(label)
        if _head(kind) == "NotRequired" and isinstance(kind, ast.Subscript):
            kind = _unquoted(kind.slice)
        properties[label] = _type(Scope(source=inner.source, around=inner.around, is_deep=label in DEEP), kind)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _type(scope: Scope, node: ast.expr) -> Schema:
    node = _unquoted(node)
    if isinstance(node, ast.BinOp):
        return _either([_type(scope, node.left), _type(scope, node.right)])
    if isinstance(node, ast.Subscript):
        return _generic(scope, _head(node), node.slice)
    name = ast.unparse(node).rpartition(".")[2]
    if name in PLAIN:
        return dict(PLAIN[name])
    if name in scope.source.known and scope.find(name) is None:
        return {"$ref": f"#/definitions/{scope.source.known[name]}"}
    return _class(scope, name) if scope.is_deep else {"type": "object"}


def _generic(scope: Scope, head: str, inner: ast.expr) -> Schema:
    parts = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
    if head in ("Optional", "Union"):
        absent = [{"type": "null"}] if head == "Optional" else []
        return _either([*(_type(scope, part) for part in parts), *absent])
    if head == "Literal":
        values = [ast.literal_eval(part) for part in parts]
        return {"enum": values} if len(values) <= MAX_VALUES else {"type": "string"}
    if head in ("List", "Sequence"):
        return {"type": "array", "items": _type(scope, inner)}
    if head == "ExpandableField":
        return _either([{"type": "string"}, _type(scope, inner)])
    fields = ["object", "data", "has_more", "url"] if head == "ListObject" else []
    return {"type": "object", "required": fields}


def _either(choices: list[Schema]) -> Schema:
    """Join choices; a text that may be any text swallows the texts it is known to be."""
    flat = [part for choice in choices for part in _parts(choice)]
    if {"type": "string"} in flat:
        flat = [part for part in flat if "enum" not in part]
    unique = [part for place, part in enumerate(flat) if part not in flat[:place]]
    if {} in unique:
        return {}
    if all(set(part) == {"type"} for part in unique) and len(unique) > 1:
        return {"type": [part["type"] for part in unique]}
    return unique[0] if len(unique) == 1 else {"anyOf": unique}


def _parts(choice: Schema) -> list[Schema]:
    if isinstance(choice.get("type"), list):
        return [{"type": kind} for kind in choice["type"]]
    return list(choice.get("anyOf", [choice]))


def _head(node: ast.expr) -> str:
    return ast.unparse(node.value).rpartition(".")[2] if isinstance(node, ast.Subscript) else ""


def _unquoted(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Constant) and isinstance(node.value, str):
        node = ast.parse(node.value, mode="eval").body
    return node


def _written(schema: Schema) -> str:
    """One line for each object and each operation, so that differences can be read."""
    parts = []
    for name, value in schema.items():
        if isinstance(value, dict):
            lines = [f"{json.dumps(key)}: {json.dumps(value[key], sort_keys=True)}" for key in sorted(value)]
            parts.append(f"{json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n}")
        else:
            parts.append(f"{json.dumps(name)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    package = Path(str(distribution("stripe").locate_file("stripe")))
    SCHEMA_PATH.write_text(_written(derive(package)))


if __name__ == "__main__":
    main()

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The sandbox's HTTP side: the two providers' interface, the faults, and the inbox for people."""

import binascii
import time
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, abort, jsonify, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from tithi.integrations.messages_sandbox.faults import KINDS, MAX_SECONDS, MAX_TIMES, Fault, FaultQueue
from tithi.integrations.messages_sandbox.store import MessageStore, Receipt, StoredMessage

MAX_BODY_BYTES = 32 * 1024 * 1024
DEFAULT_LIMIT = 50
MAX_LIMIT = 500
PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'"
LETTER_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline';"
    " img-src data: http: https:; base-uri 'none'; form-action 'none'"
)
LINKS_OPEN_ELSEWHERE = '<base target="_blank">'


def create_app(*, store: MessageStore, faults: FaultQueue, drop_connection: Callable[[], None]) -> Flask:
    """The WSGI application; `drop_connection` breaks the current request's connection so that no answer goes out."""
    app = Flask(__name__, template_folder="templates", static_folder="static")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY_BYTES
    app.register_error_handler(HTTPException, _as_json)
    app.after_request(_protect)
    _add_provider_routes(app, store=store, faults=faults, drop_connection=drop_connection)
    _add_inbox_routes(app, store=store)
    _add_fault_routes(app, faults=faults)
    return app


def _add_provider_routes(
    app: Flask, *, store: MessageStore, faults: FaultQueue, drop_connection: Callable[[], None]
) -> None:
    def accept(keep: Callable[[], Receipt]) -> tuple[Response, int]:
        fault = faults.take()
        if fault is not None and fault.kind == "error_500":
            abort(500, "a fault was asked for")
        if fault is not None and fault.kind == "rate_limit_429":
            answer = jsonify(error="a fault was asked for")
            answer.headers["Retry-After"] = str(int(fault.seconds))
            return answer, 429
        if fault is not None and fault.kind == "slow":
            time.sleep(fault.seconds)
        receipt = keep()
        if fault is not None and fault.kind == "lose_answer_after":
            drop_connection()
        body = {"id": receipt.id, "ref": receipt.ref, "duplicate": receipt.is_duplicate, "attempts": receipt.attempts}
        return jsonify(body), 200 if receipt.is_duplicate else 201

    @app.post("/v1/emails")
    def accept_email() -> tuple[Response, int]:
        message = _email_fields(request.get_json())
        attachments = message.pop("attachments")
        return accept(
            lambda: store.accept(
                kind="email",
                dedupe_key=message["dedupe_key"],
                recipient=message["to"],
                content=message,
                attachments=attachments,
            )
        )

    @app.post("/v1/sms")
    def accept_sms() -> tuple[Response, int]:
        message = _texts(request.get_json(), required=("to", "text", "dedupe_key"))
        return accept(
            lambda: store.accept(kind="sms", dedupe_key=message["dedupe_key"], recipient=message["to"], content=message)
        )

    @app.get("/v1/emails")
    def list_emails() -> Response:
        return jsonify(emails=[_as_record(message) for message in _asked_for(store, kind="email")])

    @app.get("/v1/sms")
    def list_sms() -> Response:
        return jsonify(sms=[_as_record(message) for message in _asked_for(store, kind="sms")])


def _add_inbox_routes(app: Flask, *, store: MessageStore) -> None:
    def email(email_id: int) -> StoredMessage:
        return store.get(kind="email", message_id=email_id) or abort(404)

    @app.get("/")
    def inbox() -> str:
        return render_template(
            "inbox.html",
            emails=_asked_for(store, kind="email"),
            texts=_asked_for(store, kind="sms"),
            recipient=request.args.get("to", ""),
        )

    @app.get("/emails/<int:email_id>")
    def show_email(email_id: int) -> str:
        return render_template("email.html", email=email(email_id))

    @app.get("/emails/<int:email_id>/html")
    def show_html(email_id: int) -> Response:
        """The HTML part as the tenant wrote it, where no script, form or frame of it can run."""
        response = Response(LINKS_OPEN_ELSEWHERE + email(email_id).content["html"], mimetype="text/html")
        response.headers["Content-Security-Policy"] = LETTER_POLICY
        return response

    @app.get("/emails/<int:email_id>/attachments/<int:position>")
    def download_attachment(email_id: int, position: int) -> Response:
        attachments = email(email_id).attachments
        if position >= len(attachments):
            abort(404)
        attachment = attachments[position]
        response = Response(attachment.content, content_type="application/octet-stream")
        response.headers.set("Content-Disposition", "attachment", filename=attachment.filename)
        response.headers["X-Attachment-Type"] = attachment.content_type
        return response


def _add_fault_routes(app: Flask, *, faults: FaultQueue) -> None:
    @app.post("/_sandbox/faults")
    def add_fault() -> tuple[Response, int]:
        asked = _object(request.get_json())
        kind, times, seconds = asked.get("kind"), asked.get("times", 1), asked.get("seconds", 0)
        if kind not in KINDS:
            abort(422, f"kind must be one of {', '.join(KINDS)}")
        if type(times) is not int or not 1 <= times <= MAX_TIMES:
            abort(422, f"times must be a whole number from 1 to {MAX_TIMES}")
        if type(seconds) not in {int, float} or not 0 <= seconds <= MAX_SECONDS:
            abort(422, f"seconds must be a number from 0 to {MAX_SECONDS:.0f}")
        faults.add(Fault(kind=kind, times=times, seconds=float(seconds)))
        return jsonify(pending=faults.pending), 201

    @app.delete("/_sandbox/faults")
    def clear_faults() -> Response:
        faults.clear()
        return jsonify(pending=0)


def _asked_for(store: MessageStore, *, kind: str) -> list[StoredMessage]:
    limit = request.args.get("limit", DEFAULT_LIMIT, type=int)
    return store.find(
        kind=kind,
        recipient=request.args.get("to") or None,
        dedupe_key=request.args.get("dedupe_key") or None,
        limit=min(max(limit, 1), MAX_LIMIT),
    )


def _as_record(message: StoredMessage) -> dict[str, Any]:
    record = {
        **message.content,
        "id": message.id,
        "ref": message.ref,
        "attempts": message.attempts,
        "received_at": message.received_at,
    }
    if message.kind == "email":
        record["attachments"] = [
            {
                "filename": attachment.filename,
                "content_type": attachment.content_type,
                "size": len(attachment.content),
                "url": url_for("download_attachment", email_id=message.id, position=position),
            }
            for position, attachment in enumerate(message.attachments)
        ]
    return record


def _email_fields(posted: object) -> dict[str, Any]:
    fields: dict[str, Any] = dict(
        _texts(posted, required=("to", "subject", "text", "html", "dedupe_key", "from", "from_name"))
    )
    given = _object(posted)
    reply_to, tags, attachments = given.get("reply_to"), given.get("tags", {}), given.get("attachments", [])
    if reply_to is not None and not isinstance(reply_to, str):
        abort(422, "reply_to must be a text")
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        abort(422, "tags must be texts by name")
    if not isinstance(attachments, list):
        abort(422, "attachments must be a list")
    kept = [_texts(attachment, required=("filename", "content_type", "content")) for attachment in attachments]
    try:
        for attachment in kept:
            b64decode(attachment["content"], validate=True)
    except binascii.Error:
        abort(422, "the content of attachments must be base64")
    return {**fields, "reply_to": reply_to, "tags": tags, "attachments": kept}


def _texts(posted: object, *, required: tuple[str, ...]) -> dict[str, str]:
    given = _object(posted)
    missing = [name for name in required if not isinstance(given.get(name), str)]
    if missing:
        abort(422, f"missing or not a text: {', '.join(missing)}")
    if "dedupe_key" in required and not (given["dedupe_key"] and given["to"]):
        abort(422, "to and dedupe_key must not be empty")
    return {name: given[name] for name in required}


def _object(posted: object) -> Mapping[str, Any]:
    if not isinstance(posted, dict):
        abort(422, "takes a JSON object")
    return posted


def _as_json(error: HTTPException) -> tuple[Response, int]:
    return jsonify(error=error.description), error.code or 500


def _protect(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Whether the process lives and can serve; outside the API and its limits."""

from flask import Blueprint, Flask, Response, jsonify

from tithi.platform import health


def install(app: Flask) -> None:
    blueprint = Blueprint("health", __name__)
    blueprint.add_url_rule("/health/live", view_func=_live)
    blueprint.add_url_rule("/health/ready", view_func=_ready)
    blueprint.add_url_rule("/health", view_func=_report)
    app.register_blueprint(blueprint)


def _live() -> Response:
    return jsonify(status="ok")


def _ready() -> Response:
    ready = health.database_answers()
    response = jsonify(status="ok" if ready else "down")
    response.status_code = 200 if ready else 503
    return response


def _report() -> Response:
    found = health.report()
    response = jsonify(found)
    response.status_code = 503 if found["status"] == "down" else 200
    return response

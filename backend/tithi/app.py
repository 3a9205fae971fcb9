# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""The web application: the order of assembly, nothing else."""

from contextlib import closing
from functools import cache
from typing import Any, Literal

import orjson
import psycopg2
from flask import Flask, Response
from flask_smorest import Api
from flask_swagger_ui import get_swaggerui_blueprint
from werkzeug.middleware.proxy_fix import ProxyFix

from tithi import aliases, wiring
from tithi.platform import cors, health_routes, logging, pipeline, problems, sentry
from tithi.platform.connections import Connection
from tithi.platform.db import db
from tithi.platform.http import MOST_BODY_BYTES
from tithi.platform.roles import refuse_unsafe_role
from tithi.platform.settings import Settings, load_settings

POOL_TIMEOUT_SECONDS = 5
CONNECT_TIMEOUT_SECONDS = 3


def create_app(settings: Settings | None = None, *, role: Literal["web", "worker"] = "web") -> Flask:
    """Assemble the application; refuses to start on a database role that row-level security does not bind."""
    settings = settings or load_settings()
    logging.configure(level=settings.log_level, form=settings.log_format)
    sentry.configure(settings.sentry_dsn, environment=settings.environment)
    app = Flask("tithi", static_folder=None)
    url = settings.database_url if role == "web" else settings.worker_database_url
    _check_role(url)
    app.config.update(_configuration(settings, url))
    db.init_app(app)
    wiring.connect(app, settings)
    wiring.load("models")
    wiring.load("handlers")
    wiring.load("evidence")
    if role == "worker":
        wiring.load("tasks")
        return app
    pipeline.install(app)
    cors.install(app)
    health_routes.install(app)
    install_routes(app)
    problems.install(app)
    if settings.trusted_proxy_hops:
        hops = settings.trusted_proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def install_routes(app: Flask) -> None:
    """Register the rooms' routes and their aliases, and serve the document that describes them."""
    for room in wiring.rooms():
        app.register_blueprint(room, url_prefix="" if room.root else "/api/v1")
    aliases.install(app)
    app.add_url_rule("/api/openapi.json", "openapi", _show_document)
    app.register_blueprint(get_swaggerui_blueprint("/api/docs", "/api/openapi.json", config={"app_name": "Tithi API"}))


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document; made when it is first asked for, because that takes longer than all else of the start."""
    described = Flask("tithi", static_folder=None)
    described.config.update(
        API_TITLE="Tithi",
        API_VERSION="v1",
        OPENAPI_VERSION="3.0.3",
        API_SPEC_OPTIONS={
            "info": {"description": "Booking for salons, spas and clinics."},
            "servers": [{"url": "/"}],
        },
    )
    api = Api(described)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    for room in wiring.rooms():
        api.register_blueprint(room, url_prefix="" if room.root else "/api/v1")
    aliases.install(described)
    aliases.describe(api)
    found: dict[str, Any] = api.spec.to_dict()
    return found


def _show_document() -> Response:
    return Response(orjson.dumps(document()), content_type="application/json")


def _configuration(settings: Settings, url: str) -> dict[str, Any]:
    host = settings.base_domain.partition(":")[0]
    trusted = [host, f".{host}", settings.api_host.partition(":")[0]]
    return {
        "TITHI": settings,
        "SQLALCHEMY_DATABASE_URI": url.replace("postgresql://", "postgresql+psycopg2://", 1),
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_size": settings.database_pool_size,
            "max_overflow": 0,
            "pool_timeout": POOL_TIMEOUT_SECONDS,
            "pool_recycle": 1800,
            "json_deserializer": orjson.loads,
            "use_native_hstore": False,
            "connect_args": {
                "connect_timeout": CONNECT_TIMEOUT_SECONDS,
                "application_name": "tithi",
                "connection_factory": Connection,
            },
        },
        "MAX_CONTENT_LENGTH": MOST_BODY_BYTES,
        "TRUSTED_HOSTS": trusted if settings.is_production else [*trusted, "127.0.0.1"],
    }


def _check_role(url: str) -> None:
    with closing(
        psycopg2.connect(
            url.replace("postgresql+psycopg2://", "postgresql://", 1), connect_timeout=CONNECT_TIMEOUT_SECONDS
        )
    ) as connection:
        refuse_unsafe_role(connection)

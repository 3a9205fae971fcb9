# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""A small stateful double of Supabase Auth: accounts, sessions that rotate, and its ways of refusing."""

import json
from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, uuid5

from tests.integrations.scripted_service import Asked, Reply

SHORTEST_PASSWORD = 8
MOMENT = "2026-03-01T12:00:00Z"


@dataclass(slots=True)
class AuthService:
    """`confirms_by_mail`: an account opens no session, and a taken address is not given away, as Supabase has it."""

    confirms_by_mail: bool = False
    passwords: dict[str, str] = field(default_factory=dict)
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    mailed: list[str] = field(default_factory=list)
    override: Reply | None = None
    sessions: int = 0

    def __call__(self, asked: Asked) -> Reply:
        if self.override is not None:
            return self.override
        routes = {
            "/auth/v1/signup": self._sign_up,
            "/auth/v1/token": self._token,
            "/auth/v1/logout": self._log_out,
            "/auth/v1/recover": self._recover,
        }
        return routes[asked.path](asked)

    def _sign_up(self, asked: Asked) -> Reply:
        given = asked.json
        email, password = given["email"], given["password"]
        if len(password) < SHORTEST_PASSWORD:
            details = {"weak_password": {"reasons": ["length"]}}
            return refusal(422, "weak_password", "Password should be at least 8 characters.", **details)
        if email in self.passwords and not self.confirms_by_mail:
            return refusal(422, "user_already_exists", "User already registered")
        self.passwords.setdefault(email, password)
        return Reply(body=_user(email)) if self.confirms_by_mail else self._session(email)

    def _token(self, asked: Asked) -> Reply:
        given = asked.json
        if asked.query["grant_type"] == ["refresh_token"]:
            email = self.refresh_tokens.pop(given["refresh_token"], None)
            if email is None:
                return refusal(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")
            return self._session(email)
        if self.passwords.get(given["email"]) != given["password"]:
            return refusal(400, "invalid_credentials", "Invalid login credentials")
        return self._session(given["email"])

    def _log_out(self, asked: Asked) -> Reply:
        self.ended.append(f"{asked.headers['Authorization']} {asked.query['scope'][0]}")
        return Reply(status=204)

    def _recover(self, asked: Asked) -> Reply:
        email = asked.json["email"]
        if email in self.passwords and email in self.mailed:
            return refusal(429, "over_email_send_rate_limit", "For security purposes, wait")
        if email in self.passwords:
            self.mailed.append(email)
        return Reply(body={})

    def _session(self, email: str) -> Reply:
        self.sessions += 1
        refresh_token = f"refresh-{self.sessions}-{email}"
        self.refresh_tokens[refresh_token] = email
        session = {
            "access_token": f"access-{email}",
            "token_type": "bearer",
            "expires_in": 3600,
            "expires_at": 4_000_000_000,
            "refresh_token": refresh_token,
            "user": _user(email),
        }
        return Reply(body=session)


def refusal(status: int, code: str, text: str, **details: object) -> Reply:
    body = {"code": code, "message": text, **details}
    return Reply(status=status, body=json.loads(json.dumps(body)), headers={"X-Supabase-Api-Version": "2024-01-01"})


def subject_of(email: str) -> str:
    return str(uuid5(NAMESPACE_URL, email))


def _user(email: str) -> dict[str, object]:
    return {
        "id": subject_of(email),
        "aud": "authenticated",
        "role": "authenticated",
        "email": email,
        "app_metadata": {},
        "user_metadata": {},
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }

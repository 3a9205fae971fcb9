# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, cast
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from tithi.availability import service as availability
from tithi.billing.models import Subscription
from tithi.catalog import service as catalog
from tithi.customers.models import Customer, CustomerStats
from tithi.identity import service as identity
from tithi.integrations.identity.signing import TokenSigner
from tithi.payments.models import PayoutAccount
from tithi.payments.processor import processor
from tithi.platform import clock
from tithi.platform.db import session, transaction
from tithi.platform.ids import new_id
from tithi.platform.tenancy import scope_without_tenant, tenant_scope
from tithi.team import service as team
from tithi.tenants import service as tenants

BASE_URL = "http://tithi.test"
_numbers = count(1)


class Answer(TestResponse):
    """An answer whose body the test knows to be JSON."""

    @property
    def json(self) -> Any:  # noqa: ANN401 - each answer has its own shape
        return self.get_json()


@dataclass(slots=True)
class Member:
    """A signed-in person; each request carries a token of its own instant, so that clocks can be steered."""

    user_id: UUID
    session_id: UUID
    email: str
    signer: TokenSigner

    @property
    def token(self) -> str:
        return self.signer.mint(subject=str(self.user_id), email=self.email, session_id=str(self.session_id))

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(slots=True)
class Salon:
    app: Flask
    tenant_id: UUID
    slug: str
    service_id: UUID
    member_id: UUID
    resource_id: UUID
    account: str
    owner: Member
    zone: str = "Europe/Berlin"
    staff: dict[str, Member] = field(default_factory=dict)

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def as_owner(self, method: str, path: str, **kwargs: Any) -> Answer:
        return self.request(method, path, self.owner, **kwargs)

    def as_role(self, role: str, method: str, path: str, **kwargs: Any) -> Answer:
        if role not in self.staff:
            self.staff[role] = add_member(self.app, self.tenant_id, role)
        return self.request(method, path, self.staff[role], **kwargs)

    def request(
        self, method: str, path: str, member: Member | None, *, key: str | None = None, **kwargs: Any
    ) -> Answer:
        headers = {**(member.headers if member else {}), **kwargs.pop("headers", {})}
        if key is not None:
            headers["Idempotency-Key"] = key
        return cast("Answer", self.client.open(path, method=method, base_url=BASE_URL, headers=headers, **kwargs))

    def remove(self, role: str) -> None:
        """Take the membership of `as_role`'s person away."""
        with self.app.app_context(), tenant_scope(self.tenant_id), transaction() as current:
            current.execute(text("DELETE FROM memberships WHERE user_id = :id"), {"id": self.staff[role].user_id})

    def join(self, member: Member, role: str) -> None:
        with self.app.app_context(), tenant_scope(self.tenant_id), transaction():
            identity.add_member(tenant_id=self.tenant_id, user_id=member.user_id, role=role)

    def customer_stats(self, email: str) -> CustomerStats:
        with self.app.app_context(), tenant_scope(self.tenant_id), transaction() as current:
            statement = select(CustomerStats).join(Customer, Customer.id == CustomerStats.id)
            return current.scalars(statement.where(Customer.email_normalized == email)).one()

    def slot(self, *, days: int = 3, hour: int = 10, minute: int = 0) -> datetime:
        """A time at which the salon is open, some days from now."""
        day = (clock.now() + timedelta(days=days)).date()
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)

    def booking_body(self, *, start: datetime | None = None, **changes: Any) -> dict[str, Any]:
        """A booking as a customer asks for it; what is None is left out."""
        body = {
            "tenant_id": str(self.tenant_id),
            "service_id": str(self.service_id),
            "team_member_id": str(self.member_id),
            "start_time": (start or self.slot()).isoformat(),
            "customer_info": {
                "name": "Jane Doe",
                "email": f"jane{next(_numbers)}@example.com",
                "phone": "+4915112345678",
            },
            "payment_method": {"type": "card", "stripe_payment_method_id": "pm_card_visa"},
            **changes,
        }
        return {name: value for name, value in body.items() if value is not None}

    def book(self, *, key: str | None = None, **changes: Any) -> Answer:
        """Book through the booking flow, as a customer."""
        return self.request("POST", "/booking/create", None, key=key or str(uuid4()), json=self.booking_body(**changes))

    def booked(self, **changes: Any) -> dict[str, Any]:
        """Book, expect it to succeed, and give the booking."""
        answer = self.book(**changes)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json["data"]
        return found

    def press(self, word: str, booking_id: str, *, key: str | None = None, **body: Any) -> Answer:
        """Press an outcome's button in the dashboard."""
        return self.as_owner("POST", f"/api/v1/admin/bookings/{booking_id}/{word}", key=key or str(uuid4()), json=body)


def open_salon(app: Flask, *, subscribed: bool = True, **policy: Any) -> Salon:
    """Open a business; without a subscription that is paid for good it begins with the trial, as others do."""
    number = next(_numbers)
    with app.app_context():
        owner = make_user()
        tenant_id = new_id()
        with tenant_scope(tenant_id, actor="test", user_id=owner.user_id), transaction():
            slug = f"salon-{tenant_id.hex[-12:]}"
            tenants.create(
                tenant_id=tenant_id,
                details={
                    "slug": slug,
                    "name": f"Salon {number}",
                    "email": f"salon{number}@example.com",
                    "country": "US",
                    "currency": "USD",
                    "location": {"name": "Main", "timezone": "Europe/Berlin"},
                },
            )
            if subscribed:
                _subscribe(tenant_id)
            tenants.update(details={"status": "active"}, expected_version=None)
            if policy:
                tenants.update_policy(changes=policy, expected_version=None)
            identity.add_member(tenant_id=tenant_id, user_id=owner.user_id, role="owner")
            person = team.add(details={"first_name": "Ana", "last_name": "Silva"})
            service = catalog.create_service(details={"name": "Cut", "duration_min": 30, "price_cents": 5000})
            availability.set_weekly_hours(
                member_id=person.id,
                hours=[{"weekday": day, "start_minute": 0, "end_minute": 1440} for day in range(1, 8)],
            )
        account = _account(tenant_id, number)
    return Salon(app, tenant_id, slug, service["id"], person.id, person.resource_id, account, owner)


def _subscribe(tenant_id: UUID) -> None:
    """A subscription that is paid and that the processor knows nothing of, so that no clock ends it."""
    now = clock.now()
    session().add(
        Subscription(
            tenant_id=tenant_id,
            id=new_id(),
            status="active",
            quantity=1,
            unit_amount_cents=1199,
            currency="USD",
            trial_ends_at=now,
            created_at=now,
            updated_at=now,
        )
    )


def _account(tenant_id: UUID, number: int) -> str:
    state = processor().create_account(
        key=f"{tenant_id}:account",
        email=f"salon{number}@example.com",
        country="US",
        currency="USD",
        business_name=f"Salon {number}",
        metadata={"tithi_sandbox_onboarding": "instant"},
    )
    with tenant_scope(tenant_id), transaction() as current:
        current.add(
            PayoutAccount(
                tenant_id=tenant_id,
                id=new_id(),
                account_ref=state.account_ref,
                card_payments="active",
                payouts="active",
                details_submitted=True,
                created_at=clock.now(),
            )
        )
    return state.account_ref


def make_user() -> Member:
    user_id, session_id = new_id(), new_id()
    email = f"{user_id.hex}@example.com"
    with scope_without_tenant(user_id=user_id), transaction() as current:
        current.execute(
            text(
                "INSERT INTO users (id, email, email_normalized, first_name, last_name, created_at)"
                " VALUES (:id, :email, :email, 'Pat', 'Doe', now())"
            ),
            {"id": user_id, "email": email},
        )
        current.execute(
            text("INSERT INTO auth_sessions (id, user_id, created_at) VALUES (:id, :user_id, now())"),
            {"id": session_id, "user_id": user_id},
        )
    provider: Any = identity.identities().provider
    return Member(user_id, session_id, email, provider.signer)


def add_member(app: Flask, tenant_id: UUID, role: str) -> Member:
    with app.app_context():
        member = make_user()
        with tenant_scope(tenant_id), transaction():
            identity.add_member(tenant_id=tenant_id, user_id=member.user_id, role=role)
    return member

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""Routes of disputes."""

from typing import Any
from uuid import UUID

from tithi.payments import dispute_queries, service
from tithi.payments.dispute_schemas import DisputeEvidenceOut, DisputeList, DisputeOut, DisputeQuery, EvidenceIn
from tithi.payments.errors import DisputeAnsweredError, DisputeClosedError, DisputeNotFoundError, ProcessorFailedError
from tithi.payments.models import Dispute
from tithi.platform.http import Room

blueprint = Room("disputes", description="Charges that customers' banks take back.")


@blueprint.get("/payments/disputes", access="admin", query=DisputeQuery, returns=DisputeList)
def list_disputes(query: dict[str, Any]) -> dict[str, Any]:
    """List the disputes."""
    return dispute_queries.list_disputes(limit=query["limit"], cursor=query.get("cursor"), status=query.get("status"))


@blueprint.get(
    "/payments/disputes/<uuid:dispute_id>",
    access="admin",
    returns=DisputeEvidenceOut,
    errors=(DisputeNotFoundError,),
)
def show_dispute(dispute_id: UUID) -> dict[str, Any]:
    """Show a dispute with the evidence there is about it."""
    return dispute_queries.show_dispute(dispute_id)


@blueprint.post(
    "/payments/disputes/<uuid:dispute_id>/evidence",
    access="owner",
    body=EvidenceIn,
    returns=DisputeOut,
    idempotent="required",
    phased=True,
    limit="payments",
    errors=(DisputeNotFoundError, DisputeAnsweredError, DisputeClosedError, ProcessorFailedError),
    entitlement="always",
)
def submit_evidence(dispute_id: UUID, body: dict[str, Any]) -> Dispute:
    """Hand the evidence in to the bank, which takes it once."""
    return service.submit_evidence(dispute_id=dispute_id, statement=body.get("statement"))

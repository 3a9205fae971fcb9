# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

import pytest

from tests.integrations.identity.issuer import ISSUER, Clock, Issuer
from tithi.integrations.identity.tokens import LocalKeys, TokenVerifier


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(clock: Clock) -> Issuer:
    return Issuer(clock)


@pytest.fixture
def verifier(issuer: Issuer, clock: Clock) -> TokenVerifier:
    return TokenVerifier(issuer=ISSUER, keys=LocalKeys(issuer.signer.jwks()), clock=clock)

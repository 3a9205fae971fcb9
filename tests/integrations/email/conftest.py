# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from collections.abc import Iterator

import pytest

from tests.integrations.scripted_service import Reply, ScriptedService
from tithi.integrations.messages_sandbox.server import RunningSandbox, serve_in_thread


@pytest.fixture
def service() -> Iterator[ScriptedService]:
    service = ScriptedService(lambda _asked: Reply(status=500))
    yield service
    service.stop()


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    sandbox = serve_in_thread()
    yield sandbox
    sandbox.stop()

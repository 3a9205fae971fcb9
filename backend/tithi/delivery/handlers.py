# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

from tithi.delivery import service
from tithi.delivery.events import MessageQueued
from tithi.platform.events import hears


@hears(MessageQueued, network=True)
def send_message(event: MessageQueued) -> None:
    service.send(message_id=event.message_id)

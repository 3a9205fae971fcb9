from tithi.delivery import service
from tithi.delivery.events import MessageQueued
from tithi.platform.events import hears


@hears(MessageQueued, network=True)
def send_message(event: MessageQueued) -> None:
    service.send(message_id=event.message_id)

# Copyright (C) 2026 The Tithi developers
# SPDX-License-Identifier: AGPL-3.0-or-later

"""What was sent to a customer about a visit, for the bank that takes its payment back."""

from tithi.delivery import queries as delivery
from tithi.payments.evidence import Section, Subject, contributes


@contributes("messages")
def tell_of_messages(subject: Subject) -> Section | None:
    return {
        "messages": [
            {
                "channel": one["channel"],
                "template": one["template"],
                "subject": one["subject"],
                "text": one["text"],
                "status": one["status"],
                "created_at": one["created_at"].isoformat(),
                "sent_at": one["sent_at"].isoformat() if one["sent_at"] else None,
            }
            for one in delivery.letters_about(subject.owner_id, recipient="customer")
        ]
    }

"""One outbound message to one address: queued with its dedupe key, sent once, its fate kept. Floor 4."""

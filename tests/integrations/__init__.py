"""The outside services, each against a double served on this machine."""

"""The room availability."""

"""The room customers."""

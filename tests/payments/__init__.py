"""The room payments."""

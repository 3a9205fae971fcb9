"""The room team."""

"""Access tokens and identity providers."""

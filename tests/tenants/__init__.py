"""The room tenants."""

"""Machinery that knows no domain: settings, database, tenancy, access, errors, HTTP, events, jobs. Floor 0."""

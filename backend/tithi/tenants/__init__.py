"""Businesses: their slug, status, locations and policy. A *tenant* is one business. Floor 1, below identity."""

"""Tithi: an open booking platform for salons, spas and clinics."""

"""The room bookings."""

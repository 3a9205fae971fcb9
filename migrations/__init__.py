"""The database's history, applied by `tithi migrate`."""

"""Rules of the house that no other tool checks: imports, routes, errors, facts, names."""

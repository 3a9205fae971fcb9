"""Everything whose time is scarce. A *resource* is staff, a room or equipment; its *lanes* are how many it serves at once. Floor 3."""

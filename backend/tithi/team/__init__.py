"""Who works. A *team member* is backed by one resource of kind staff. Floor 3, above resources."""

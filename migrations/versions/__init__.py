"""One file each change, named by its date."""

"""The commands of `tithi`, one file each."""

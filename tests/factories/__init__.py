"""What tests start from, one file each room."""

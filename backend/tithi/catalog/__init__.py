"""What is sold: categories, services with their price, duration and buffers, and who can do them. Floor 5."""

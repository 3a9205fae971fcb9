"""Who books. A *customer* belongs to one business; the same person at another business is another customer. Floor 3."""

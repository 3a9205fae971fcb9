"""Life stories: what happens from the first request to the last message."""

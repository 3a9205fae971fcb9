"""When something can take place, and the claims on time. A *claim* is time taken on one lane of a resource. Floor 6."""

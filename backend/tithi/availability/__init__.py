"""When something can take place, and the claims on time. Floor 6.

A *claim* is time taken on one lane of a resource.
"""

"""What is promised outside: the OpenAPI document against the running application."""

"""Outputs in production: decided, reviewed, told to the client."""

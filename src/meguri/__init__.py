"""Meguri closes the loop between people and a model."""

__version__ = "0.1.0"

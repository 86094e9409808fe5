"""Stopping criteria: when labelling more is no longer worth it, one file each."""

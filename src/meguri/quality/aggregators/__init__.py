"""Aggregators: what many people's answers add up to, one file each."""

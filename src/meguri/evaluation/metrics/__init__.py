"""Metrics: one number about a model's answers, one file each."""

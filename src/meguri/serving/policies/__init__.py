"""Gallery of routing policies: what becomes of a model's output."""

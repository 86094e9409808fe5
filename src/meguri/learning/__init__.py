"""Features, models, and the choice of what to label next."""

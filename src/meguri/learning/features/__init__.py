"""Feature extractors: what a model sees of an item, one file each."""

"""Models: what learns from labelled features, one file each."""

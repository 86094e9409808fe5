"""Items, blobs of items, splits, modalities and dataset versions."""

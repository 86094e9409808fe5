"""Selection strategies: which items people should label next, one file each."""

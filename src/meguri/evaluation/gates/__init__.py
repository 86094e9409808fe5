"""Gates: the rules a challenger must pass to go to production, one file each."""

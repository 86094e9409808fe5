"""Assignment policies: which of the waiting tasks a person gets first, one file each."""

"""Registry, ids, clock, errors, paging: no word of our field."""

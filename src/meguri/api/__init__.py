"""The porch over HTTP: one application of every room's routes, the page, and what moves right now."""

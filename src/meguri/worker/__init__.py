"""Who does the jobs."""

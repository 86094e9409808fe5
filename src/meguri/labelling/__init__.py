"""Projects, tasks and assignments: the one door for human work, and the queue behind it."""

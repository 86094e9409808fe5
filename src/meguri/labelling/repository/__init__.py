"""The only SQL of this room: projects, tasks, and the leases of tasks."""

"""Database session, blobs, job queue, journal, migrations. Rooms above bring their own tables."""

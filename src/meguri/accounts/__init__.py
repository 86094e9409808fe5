"""People, their keys, their roles, and the door that every route has."""

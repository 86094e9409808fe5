"""Every change of the schema, in order. `make migration` writes the next one."""

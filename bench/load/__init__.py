"""How many people can one small machine serve? `python -m bench.load --help`."""

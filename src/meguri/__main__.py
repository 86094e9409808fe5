"""`python -m meguri` is the command `meguri`."""

from meguri.cli.main import main

main()

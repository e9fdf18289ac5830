"""`python -m mazoezi` is the command `mazoezi`."""

from mazoezi.cli import main

main()

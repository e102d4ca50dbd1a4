"""`python -m assistant.cli`: the same as the `preuve` command."""

from assistant.cli import main

main()

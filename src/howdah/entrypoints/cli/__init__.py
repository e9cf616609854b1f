"""The command line: `nouns.py` lists the commands, a file each holds them.

Imports product, operations and foundation; a command's file is imported only when it is used.
"""

from howdah.entrypoints.cli.program import main

__all__ = ["main"]

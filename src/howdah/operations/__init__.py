"""What operators do: the stack, migrations, roles; later backups, recovery, monitoring, proofs.

Imports foundation only; never product or entrypoints.
"""

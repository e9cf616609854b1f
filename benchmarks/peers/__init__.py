"""The same four requests in other stacks: the bare query, no sign-in, no tenancy, no metrics.

Each is small, tuned as someone who knows the stack would, and runs the SQL of queries.py through
the same PgBouncer over the same rows and indexes.
"""

"""The database roles: who they are, what is set for them, and direct connections as one of them.

Imports foundation only. Nothing but migrations and operations connects around PgBouncer.
"""

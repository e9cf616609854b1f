"""The cluster as an operator works with it: look, switch over, fail over, restart, re-seed, pause.

Speaks to Patroni, etcd, HAProxy, PgBouncer and PostgreSQL; may import operations and foundation.
"""

"""Howdah: a multi-tenant document SaaS and the PostgreSQL platform underneath it."""

__version__ = "0.1.0"

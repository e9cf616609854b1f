"""Howdah: a multi-tenant document SaaS and the PostgreSQL platform underneath it."""

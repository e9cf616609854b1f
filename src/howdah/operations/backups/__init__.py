"""Backups and the archive of WAL, taken by pgBackRest: taken, listed, checked, verified.

May import operations' other packages and foundation.
"""

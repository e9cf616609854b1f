"""Going back: a backup and the archive of WAL become a database at a chosen moment, and prove it.

May import operations' other packages and foundation.
"""

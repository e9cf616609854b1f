"""What customers use: accounts, organizations, documents, search, insights, transfers.

Imports foundation only; never operations or entrypoints.
"""

"""Finding documents: ranked, highlighted pages of an organization, and spelling suggestions.

Imports foundation only.
"""

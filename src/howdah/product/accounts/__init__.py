"""People and what they prove themselves with: users, passwords, sessions, API tokens.

Imports foundation only.
"""

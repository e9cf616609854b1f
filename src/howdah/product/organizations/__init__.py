"""Organizations, their members and invitations: who belongs where, and what that allows.

Imports foundation, and product.accounts for the account that an invitation makes.
"""

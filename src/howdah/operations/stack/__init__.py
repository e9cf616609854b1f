"""The processes of one installation: start, stop, look at and reset them.

Imports foundation, operations/roles and operations/migrations; never product or entrypoints.
"""

"""Disaster recovery: the architecture's six steps, done, resumed and recorded; restoring in place.

May import operations' other packages and foundation.
"""

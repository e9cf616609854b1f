"""The scheduler: one table of recurring work, and a process that asks for each moment once.

May import every layer below.
"""

"""What everything stands on: topology, rendering, database, processes, queue, settings, errors.

Imports nothing of the other layers.
"""

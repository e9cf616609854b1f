"""The only place that starts, finds and ends processes: commands, supervisord, ports, survivors.

Imports the standard library, psutil, and foundation's errors and layout.
"""

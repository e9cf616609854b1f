"""Background processes: the worker that runs tasks, the relay that hands them over, and the tasks.

A task is a name and a function of what the worker shares and the message's arguments. May import
every layer below.
"""

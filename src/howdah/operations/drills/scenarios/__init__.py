"""The drills as scenarios, one a file: `run(scene)` breaks something, waits, and judges.

Each says what it owes (`scene.will_owe`) before it breaks it.
"""

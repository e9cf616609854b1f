"""One program a file: each measures one row, or a few, of the promised numbers.

A program has SUMMARY (one line), NEEDS (services of the stack) and run(workspace) → Report.
"""

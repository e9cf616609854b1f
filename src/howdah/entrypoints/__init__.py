"""Ways in: web API, command line, jobs, schedule. Thin: parse, call one function, format.

Imports product, operations and foundation.
"""

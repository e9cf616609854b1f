"""The web API: a request's journey is dispatch → admission → endpoint → answer.

endpoints.py declares, dispatch.py carries out, problems.py says what went wrong, openapi.py
describes; `api/` holds a file for each resource. Imports product and foundation.
"""

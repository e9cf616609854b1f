"""Pure renderers: Topology and Layout in, the text of one configuration file out.

Imports topology and layout only; no input, no output, no environment.
"""

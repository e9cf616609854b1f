"""Real English text from Debian packages, and deterministic rows made from it.

A row depends on the corpus, the seed and its number only: any range can be made by any process.
"""

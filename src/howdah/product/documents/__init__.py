"""Documents: what they hold, how they are shown and what changed between their revisions.

May import howdah.foundation and the other packages of howdah.product.
"""

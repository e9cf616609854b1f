"""Programs that measure Howdah against its promises and against peers, pairwise in one run.

They live beside the product, not in it: they may import howdah, and nothing imports them except
the `howdah bench` command.
"""

"""How things are measured: CPU from the kernel's accounts, in pairwise rounds, as medians."""

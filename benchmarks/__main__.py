"""`python -m benchmarks`: the same programs without the product's command line."""

from benchmarks.commands import main

main()

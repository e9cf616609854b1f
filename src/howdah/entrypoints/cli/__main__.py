"""`python -m howdah.entrypoints.cli`."""

import sys

from howdah.entrypoints.cli.program import main

sys.exit(main())

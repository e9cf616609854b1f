"""What a program of another account is started with."""

import os

from howdah.foundation.settings import Settings
from howdah.operations.stack.up import program_environment


def ops_environment(settings: Settings) -> dict[str, str]:
    """The ops worker's: the stack's, without the counters that are the application's.

    Its code is that which `./howdah` runs: another account may not be able to read the checkout.
    """
    environment = program_environment(settings)
    del environment["PROMETHEUS_MULTIPROC_DIR"]
    if code := os.environ.get("PYTHONPATH"):
        environment["PYTHONPATH"] = code
    return environment

"""Functions for the isolated process of the tests; what they do must not happen in ours."""

import os
import signal
import time

from howdah.product.transfers.conversion import ConversionLimits
from howdah.product.transfers.import_files import Given, Outcome, convert_files


def double(number: int) -> int:
    """An answer."""
    return 2 * number


def misbehave(how: str) -> str:
    """What a hostile file may make of a parser."""
    match how:
        case "hang":
            time.sleep(60)
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "eat":
            return "x" * (1024 * 1024 * 1024)
        case "raise":
            raise ValueError(how)
    return how


def convert_or_crash(given: tuple[Given, ConversionLimits]) -> Outcome:
    """Like convert_files, but a file named crash does what its name says."""
    if any(file.path == "crash" for file in given[0]):
        os.kill(os.getpid(), signal.SIGSEGV)
    return convert_files(given)

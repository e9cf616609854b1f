"""How background processes learn that they shall end."""

import signal
import threading
from collections.abc import Callable
from types import FrameType

Stopping = Callable[[], bool]
"""Asked between two steps of long work: shall it be put down now?"""


def never() -> bool:
    """Nobody asks to stop."""
    return False


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set; call it in the main thread."""
    stopping = threading.Event()

    def stop(_signal_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return stopping

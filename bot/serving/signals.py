"""Hears the operating system's wish to stop: the first time leave in good order, the second time at once."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable

WITHIN = 4.5  # seconds after which the process ends whatever still hangs; what was not kept is done by the next run
_NAMES = ("SIGINT", "SIGTERM", "SIGBREAK")  # the last one is Windows' way to stop a service's console


def on_stop(stop: Callable[[], None], within: float = WITHIN) -> None:
    """Call `stop` in the running loop at the first signal; end the process at the second, or `within` seconds."""
    loop = asyncio.get_running_loop()
    heard = False

    def hear() -> None:
        nonlocal heard
        if heard:
            os._exit(1)
        heard = True
        timer = threading.Timer(within, os._exit, (0,))
        timer.daemon = True
        timer.start()
        stop()

    for name in _NAMES:
        if (number := getattr(signal, name, None)) is not None:
            _listen(loop, number, hear)


def _listen(loop: asyncio.AbstractEventLoop, number: int, hear: Callable[[], None]) -> None:
    try:
        loop.add_signal_handler(number, hear)
    except NotImplementedError:
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(hear))

"""The input that the present code runs for, by context: what is printed there belongs to it."""
import contextvars
import time

from bellows_worker.console_lines import ConsoleLines


class RunningInput:
    """An attempt at an input, from its arrival to its end. All but `open` and `thread` change under the lock."""

    def __init__(self, call_id, index, attempt, payload):
        self.call_id, self.index, self.attempt, self.payload = call_id, index, attempt, payload
        self.ref = (call_id, index, attempt)
        self.started_at_ms = 0
        self.printed = ConsoleLines()
        self.cancelled = False
        self.ended = False
        # Of a `def`: the thread that runs it, whether user code runs there now, whether the cancel was raised in it.
        self.thread = None
        self.open = False
        self.struck = False
        # Of an `async def`.
        self.task = None


CURRENT = contextvars.ContextVar("bellows-input", default=None)


def now_ms():
    return int(time.time() * 1000)

"""The input that the present code runs for, by context: what is printed there belongs to it."""
import contextvars
import time

from bellows_worker.console_lines import ConsoleLines


class Running:
    """What takes a slot, from its arrival to its end. All but `open` and `thread` change under the lock.

    `call_id` and `index` are those of what is printed.
    """

    def __init__(self, call_id, index):
        self.call_id, self.index = call_id, index
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

    def refs(self):
        """The attempts that it is."""
        raise NotImplementedError


class RunningInput(Running):
    """An attempt at an input."""

    def __init__(self, call_id, index, attempt, payload):
        super().__init__(call_id, index)
        self.attempt, self.payload = attempt, payload
        self.ref = (call_id, index, attempt)

    def refs(self):
        return [self.ref]


CURRENT = contextvars.ContextVar("bellows-input", default=None)


def now_ms():
    return int(time.time() * 1000)

"""Runs inputs: in the order in which they came, as many at a time as there are slots.

The end of one is written before the next begins; the agent relies on it to know what has begun. So both happen under
the lock of the output. How user code is run is of the two executors that are made of this one.
"""
import collections
import contextvars
import itertools
import sys

from bellows_worker.errors import cancelled_error
from bellows_worker.running_input import RunningInput, now_ms
from bellows_worker.user_stack import thrown_data
from bellows_worker.values import decode_arguments, encode_value

SUCCEEDED, FAILED, CANCELLED = 0, 1, 2


class Executor:
    """`before_end` is called with an input that has ended, before its output is written: its last line comes first."""

    def __init__(self, function, slots, folder, output, before_end):
        self.function = function
        self.slots = slots
        self.folder = folder
        self.output = output
        self.before_end = before_end
        self.queue = collections.deque()
        self.running = {}
        # Each input starts from a copy: what it prints, and what it sets there, is of no other input.
        self.context = contextvars.copy_context()

    # What an executor of one kind does by its own means.

    def run_forever(self):
        """On the main thread. Raises what nothing else has caught; then the process cannot go on."""
        raise NotImplementedError

    def pump(self):
        """Sees that what is queued begins where there is a slot for it; under the lock."""
        raise NotImplementedError

    def interrupt(self, each):
        """Raises `asyncio.CancelledError` in the code of an input; without the lock."""
        raise NotImplementedError

    def interrupt_here(self, each):
        """The same in the present code, if it is that of this input and can be stopped where it stands."""

    # Inputs come and go.

    def run(self, groups):
        with self.output.lock:
            for call_id, items in groups:
                self.queue.extend(RunningInput(call_id, *item) for item in items)
            self.pump()

    def recall(self, refs):
        """Gives back those that have not begun. Those for which there is a slot are begun, as the agent has said already: the
        main thread has yet to turn to them."""
        with self.output.lock:
            beginning = itertools.islice(self.queue, max(0, self.slots - len(self.running)))
            begins = {ref for each in beginning for ref in each.refs()}
            recalled = self.take_queued([ref for ref in refs if tuple(ref) not in begins])
            if recalled:
                self.output.write({"type": "returned", "attempts": [list(each.ref) for each in recalled]})

    def cancel(self, refs):
        with self.output.lock:
            for each in self.take_queued(refs):
                each.started_at_ms = now_ms()
                self.end(each, cancelled("the input was cancelled before it began"))
            running = [self.running[tuple(ref)] for ref in refs if tuple(ref) in self.running]
            for each in running:
                each.cancelled = True
        for each in running:
            self.interrupt(each)

    def take_queued(self, refs):
        wanted = {tuple(ref) for ref in refs}
        taken = [each for each in self.queue if each.ref in wanted]
        if taken:
            self.queue = collections.deque(each for each in self.queue if each.ref not in wanted)
        return taken

    def begin(self):
        """The next input; under the lock."""
        each = self.queue.popleft()
        each.started_at_ms = now_ms()
        self.running[each.ref] = each
        return each

    def end(self, each, outcome):
        with self.output.lock:
            self.before_end(each)
            each.ended = True
            item = [each.index, each.attempt, *outcome, each.started_at_ms, now_ms()]
            self.output.write({"type": "outputs", "outputs": [[each.call_id, [item]]]})
            self.running.pop(each.ref, None)

    # What comes of one, its outcome: a status and the bytes that go with it.

    def call(self, each):
        """What the function returns, maybe an awaitable. Raises whatever it raises."""
        return self.function(*decode_arguments(each.payload))

    def succeeded(self, each, value):
        return self.end_of_value(value)

    def failed(self, each, thrown):
        return self.end_of_thrown(each, thrown)

    def stopped(self, each):
        """It was cancelled before its first line."""
        return cancelled()

    def end_of_value(self, value):
        try:
            return SUCCEEDED, encode_value(value)
        except Exception as error:
            return FAILED, encode_value(thrown_data(error, self.folder))

    def end_of_thrown(self, each, thrown):
        if not each.cancelled:
            return FAILED, encode_value(thrown_data(thrown, self.folder))
        return cancelled(cause=None if is_cancellation(thrown) else thrown_data(thrown, self.folder))


def cancelled(message="the input was cancelled", cause=None):
    data = cancelled_error(message).data()
    return CANCELLED, encode_value(data if cause is None else {**data, "cause": cause})


def is_cancellation(thrown):
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and isinstance(thrown, asyncio.CancelledError)

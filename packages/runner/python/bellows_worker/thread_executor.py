"""Runs a `def`: on the main thread, and on as many more as there are slots, made when they are needed."""
import threading

from bellows_worker.executor import Executor
from bellows_worker.interrupts import Interrupts
from bellows_worker.running_input import CURRENT


class ThreadExecutor(Executor):
    def __init__(self, *of_executor):
        super().__init__(*of_executor)
        self.changed = threading.Condition(self.output.lock)
        self.threads = 1
        self.idle = 0
        self.interrupts = Interrupts(self.output.lock)

    def run_forever(self):
        while True:
            with self.changed:
                self.idle += 1
                while not self.queue:
                    self.changed.wait()
                self.idle -= 1
                each = self.begin()
            self.context.copy().run(self.run_here, each)

    def pump(self):
        missing = min(len(self.queue) - self.idle, self.slots - self.threads)
        for _ in range(missing):
            try:
                threading.Thread(target=self.run_forever, daemon=True).start()
            except RuntimeError:  # As many as the container may have; those that there are go on.
                break
            self.threads += 1
        self.changed.notify_all()

    def interrupt(self, each):
        self.interrupts.raise_in(each)

    def interrupt_here(self, each):
        self.interrupts.raise_here(each)

    def run_here(self, each):
        CURRENT.set(each)
        outcome = None
        while True:
            # A cancel comes between any two steps until user code is closed, and but once.
            try:
                if outcome is None:
                    self.interrupts.open(each)
                    outcome = self.outcome_of(each)
                self.interrupts.close(each)
                break
            except BaseException as thrown:
                if outcome is None:
                    outcome = self.failed(each, thrown)
        self.end(each, outcome)

    def outcome_of(self, each):
        try:
            value = self.call(each)
            if hasattr(value, "__await__"):  # Of a `def` that hands on a coroutine.
                value = run_to_end(value)
        except BaseException as thrown:
            return self.failed(each, thrown)
        return self.succeeded(each, value)


def run_to_end(awaitable):
    import asyncio

    async def awaited():
        return await awaitable

    return asyncio.run(awaited())

"""Runs an `async def`: every input is a task on one event loop, that of the main thread."""
import sys

from bellows_worker.executor import Executor
from bellows_worker.running_input import CURRENT


class LoopExecutor(Executor):
    def __init__(self, *of_executor):
        super().__init__(*of_executor)
        self.loop = new_loop()

    def run_forever(self):
        # Whoever stops the loop has a loop of their own in mind; inputs end on this one.
        while True:
            self.loop.run_forever()

    def pump(self):
        self.loop.call_soon_threadsafe(self.begin_queued)

    def interrupt(self, each):
        with self.output.lock:
            if not each.ended:
                self.loop.call_soon_threadsafe(each.task.cancel)

    def begin_queued(self):
        with self.output.lock:
            while self.queue and len(self.running) < self.slots:
                each = self.begin()
                each.task = self.context.copy().run(self.loop.create_task, self.outcome_of(each))
                each.task.add_done_callback(lambda task, each=each: self.done(each, task))

    async def outcome_of(self, each):
        CURRENT.set(each)
        try:
            value = await self.call(each)
        except BaseException as thrown:
            return self.failed(each, thrown)
        return self.succeeded(each, value)

    def done(self, each, task):
        self.end(each, self.stopped(each) if task.cancelled() else task.result())
        self.begin_queued()


def new_loop():
    import asyncio

    # In Python 3.9 what the user's module has made at its import belongs to the loop that there was then.
    loop = asyncio.get_event_loop() if sys.version_info < (3, 10) else asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    return loop

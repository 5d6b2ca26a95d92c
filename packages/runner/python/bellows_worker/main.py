"""The worker's process: frames come in on file descriptor 3 and go out on 4.

When 3 ends the agent is dead, and so is everything here. One thread reads commands, so that a recall or a cancel is
heard while user code runs. The main thread imports the code; then it runs inputs.
"""
import atexit
import os
import queue
import sys
import threading
import time

from bellows_worker.console_capture import ConsoleCapture
from bellows_worker.frame_codec import read_block
from bellows_worker.load import load, startup_error
from bellows_worker.loop_executor import LoopExecutor
from bellows_worker.output import FRAMES_OUT, Output, end_with_group
from bellows_worker.thread_executor import ThreadExecutor
from bellows_worker.user_stack import thrown_data

FRAMES_IN = 3
CO_COROUTINE = 0x80


class Worker:
    def __init__(self):
        self.output = Output()
        self.console = ConsoleCapture(self.output, self.printed)
        self.loads = queue.SimpleQueue()
        self.executor = None
        self.folder = ""

    # Commands.

    def read_commands(self):
        try:
            with os.fdopen(FRAMES_IN, "rb") as pipe:
                while True:
                    commands = read_block(pipe)
                    if commands is None:
                        end_with_group()
                    for command in commands:
                        self.received(command)
        except BaseException as thrown:  # A worker that hears nothing would be taken for one that works.
            self.crash(thrown)

    def received(self, command):
        self.console.hurry = True
        try:
            self.obey(command)
        finally:
            self.console.hurry = False

    def obey(self, command):
        kind = command["type"]
        if kind == "load":
            self.loads.put(command)
        elif kind == "run":
            self.executor.run(command["inputs"])
        elif kind == "recall":
            self.executor.recall(command["attempts"])
        elif kind == "cancel":
            self.executor.cancel(command["attempts"])
        elif kind == "exit":
            self.exit()
        # `take` is for generators, and no Python function is one.

    # The main thread.

    def run(self):
        """Never returns: the agent ends this process, or it ends itself."""
        self.start(self.loads.get())
        if self.executor is None:
            threading.Event().wait()  # The agent was told that the code cannot be loaded.
        try:
            self.executor.run_forever()
        except BaseException as thrown:
            self.crash(thrown)

    def start(self, command):
        started = time.perf_counter()
        self.folder = os.path.dirname(command["bundlePath"])
        try:
            function = load(command)
            kind = kind_of(function, command["batched"])
        except BaseException as thrown:
            self.console.flush(None)
            return self.output.write({"type": "loadFailed", "error": startup_error(thrown, self.folder)})
        import_ms = round((time.perf_counter() - started) * 1000)
        # Before it is known outside: the first inputs may come at once, and must find what is to run them.
        self.executor = kind(function, command["slots"], self.folder, self.output, self.console.flush)
        self.output.write({"type": "loaded", "importMs": import_ms, "enterMs": 0})

    def printed(self, current):
        if current.cancelled:
            self.executor.interrupt_here(current)

    # The end.

    def exit(self):
        """What the code has left running never keeps the process; what it has registered for its exit has its turn."""
        try:
            atexit._run_exitfuncs()
        except BaseException:
            pass  # It was printed.
        self.flush_all()
        os._exit(0)

    def crash(self, thrown):
        """Something escaped where nothing could catch it. Python would end the process, too; here the agent is told why."""
        error = thrown_data(thrown, self.folder)
        self.console.print("stderr", f"{error.get('stack', error['message'])}\n")
        self.flush_all()
        self.output.write({"type": "crashed", "error": error, "ofInput": False})
        os._exit(1)

    def flush_all(self):
        """Of what was printed nothing is left here: not in streams that user code has put in the place of ours, either."""
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            try:
                stream.flush()
            except Exception:
                pass  # Closed, or none at all.
        self.console.flush(None)


def kind_of(function, batched):
    """What runs it. Raises a BellowsError for a batched one that takes no lists."""
    if not batched:
        return LoopExecutor if is_async(function) else ThreadExecutor
    # Few functions are, and what it needs takes its time to be imported.
    from bellows_worker.batches import batching

    return batching(LoopExecutor if is_async(function) else ThreadExecutor, function)


def is_async(function):
    for each in (function, getattr(function, "func", None), getattr(type(function), "__call__", None)):
        code = getattr(each, "__code__", None)
        if code is not None and code.co_flags & CO_COROUTINE:
            return True
    return False


def leave_pipe():
    """In a child process, which has no part in the pipe: what it prints is the agent's to read."""
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    for descriptor in (FRAMES_IN, FRAMES_OUT):
        try:
            os.close(descriptor)
        except OSError:
            pass


def main():
    worker = Worker()
    for descriptor in (FRAMES_IN, FRAMES_OUT):
        os.set_inheritable(descriptor, False)
        os.set_blocking(descriptor, True)
    worker.output.let_fork()
    os.register_at_fork(after_in_child=leave_pipe)
    sys.stdout, sys.stderr = worker.console.stream("stdout"), worker.console.stream("stderr")
    threading.Thread(target=worker.read_commands, daemon=True).start()
    worker.run()

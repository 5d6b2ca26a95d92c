"""What user code prints, as log lines of the input it runs for.

Every line leaves the process at once, so that the last words before a crash are kept. What is printed past `sys.stdout`
and `sys.stderr` (child processes, native code) is the agent's to catch.
"""
import io
import time

from bellows_worker.console_lines import STREAMS, ConsoleLines
from bellows_worker.running_input import CURRENT, now_ms

HURRY_S = 0.001
DESCRIPTORS = {"stdout": 1, "stderr": 2}


class ConsoleCapture:
    """`printed` is called after something was, with the input that it belongs to, and without the lock."""

    def __init__(self, output, printed):
        self.output = output
        self.printed = printed
        self.of_none = ConsoleLines()
        self.hurry = False

    def stream(self, name):
        """What takes the place of `sys.stdout` or `sys.stderr`."""
        return CapturedText(name, self.print)

    def print(self, stream, printed):
        current = CURRENT.get()
        with self.output.lock:
            self.log(stream, current, self.lines_of(current).push(stream, printed))
            if current is not None and current.ended:  # Nobody else will print the rest.
                self.flush(current)
        # The lock is not fair: code that prints in a loop would have it again before a command gets it.
        if self.hurry:
            time.sleep(HURRY_S)
        if current is not None:
            self.printed(current)

    def flush(self, current):
        """Prints what was written without a newline at the end; None stands for code that runs for no input."""
        with self.output.lock:
            for stream in STREAMS:
                self.log(stream, current, self.lines_of(current).end(stream))

    def lines_of(self, current):
        return self.of_none if current is None else current.printed

    def log(self, stream, current, lines):
        if not lines:
            return
        at_ms = now_ms()
        call_id, index = (None, None) if current is None else (current.call_id, current.index)
        self.output.write({"type": "logs", "lines": [[at_ms, stream, call_id, index, line] for line in lines]})


class CapturedText(io.TextIOBase):
    encoding = "utf-8"
    errors = "replace"
    line_buffering = True
    write_through = True
    mode = "w"

    def __init__(self, stream, print):
        super().__init__()
        self.stream, self.print = stream, print
        self.name = f"<{stream}>"
        self.buffer = CapturedBytes(self)

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.print(self.stream, text)
        return len(text)

    def reconfigure(self, **_options):
        """There is nothing to choose: all of it is UTF-8, and leaves at once."""

    def writable(self):
        return True

    def fileno(self):
        return DESCRIPTORS[self.stream]  # For child processes, whose output the agent reads.


class CapturedBytes(io.RawIOBase):
    mode = "wb"

    def __init__(self, text):
        super().__init__()
        self.text = text
        self.name = text.name

    def write(self, data):
        data = bytes(data)
        self.text.print(self.text.stream, data)
        return len(data)

    def writable(self):
        return True

    def fileno(self):
        return self.text.fileno()

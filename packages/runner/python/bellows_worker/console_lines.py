"""What was printed and has no end of line yet, of one input or of none. Pure."""
from bellows_worker.log_lines import LineSplitter

STREAMS = ("stdout", "stderr")


class ConsoleLines:
    def __init__(self):
        self.splitters = {stream: LineSplitter() for stream in STREAMS}

    def push(self, stream, text):
        """The lines that are whole by what is printed now."""
        return self.splitters[stream].push(text)

    def end(self, stream):
        """The line that was begun; it has no end."""
        return self.splitters[stream].end()

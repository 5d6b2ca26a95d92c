"""What was printed and has no end of line yet, of one input or of none. Pure."""
import codecs

from bellows_worker.log_lines import LineSplitter

STREAMS = ("stdout", "stderr")
decoder = codecs.getincrementaldecoder("utf-8")


class ConsoleLines:
    def __init__(self):
        self.splitters = {stream: LineSplitter() for stream in STREAMS}
        # Of those that write bytes, which few do: the beginning of a character whose rest is still to come.
        self.decoders = {}

    def push(self, stream, printed):
        """The lines that are whole by what is printed now, text or bytes; bytes that are no text are replaced."""
        if isinstance(printed, bytes):
            printed = self.decoders.setdefault(stream, decoder("replace")).decode(printed)
        return self.splitters[stream].push(printed)

    def end(self, stream):
        """The line that was begun; it has no end."""
        rest = self.decoders.pop(stream).decode(b"", final=True) if stream in self.decoders else ""
        return self.splitters[stream].push(rest) + self.splitters[stream].end()

"""Lines out of what is printed, none longer than the limit, whatever the pieces in which it arrives."""
from bellows_worker.limits import LOG_LINE_CHARS


class LineSplitter:
    """A line that never ends comes out in pieces of the limit's length, so that it costs no more memory than one."""

    def __init__(self):
        self.rest = ""

    def push(self, text):
        *lines, self.rest = (self.rest + text).split("\n")
        lines = [line[:-1] if line.endswith("\r") else line for line in lines]
        while len(self.rest) > LOG_LINE_CHARS:
            lines.append(self.rest[:LOG_LINE_CHARS])
            self.rest = self.rest[LOG_LINE_CHARS:]
        return [cut_line(line) for line in lines]

    def end(self):
        """What came after the last newline."""
        rest, self.rest = self.rest, ""
        return [cut_line(rest)] if rest else []


def cut_line(line):
    """A line of at most the limit's length; a longer one says how much is missing."""
    excess = len(line) - LOG_LINE_CHARS
    return line if excess <= 0 else f"{line[:LOG_LINE_CHARS]} [{excess:,} characters cut]"

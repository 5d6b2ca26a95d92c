"""Lines out of what is printed, none longer than the limit, whatever the pieces in which it arrives."""
from bellows_worker.limits import LOG_LINE_CHARS


class LineSplitter:
    """A line that never ends comes out in pieces of the limit's length, so that it costs no more memory than one."""

    def __init__(self):
        self.rest = ""

    def push(self, text):
        *lines, rest = (self.rest + text).split("\n")
        lines = [cut_line(line[:-1] if line.endswith("\r") else line) for line in lines]
        whole = max(0, len(rest) - 1) // LOG_LINE_CHARS * LOG_LINE_CHARS
        lines += [rest[at : at + LOG_LINE_CHARS] for at in range(0, whole, LOG_LINE_CHARS)]
        self.rest = rest[whole:]
        return lines

    def end(self):
        """What came after the last newline."""
        rest, self.rest = self.rest, ""
        return [cut_line(rest)] if rest else []


def cut_line(line):
    """A line of at most the limit's length; a longer one says how much is missing."""
    excess = len(line) - LOG_LINE_CHARS
    return line if excess <= 0 else f"{line[:LOG_LINE_CHARS]} [{excess:,} characters cut]"

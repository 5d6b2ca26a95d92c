"""Lines out of what is printed, none longer than the limit, whatever the pieces in which it arrives.

A character is a UTF-16 code unit, as it is to `log-lines.ts` and to all that reads lines later: two of most emoji, which
no cut divides.
"""
from bellows_worker.limits import LOG_LINE_CHARS


class LineSplitter:
    """A line that never ends comes out in pieces of the limit's length, so that it costs no more memory than one."""

    def __init__(self):
        self.rest = ""

    def push(self, text):
        *lines, rest = (self.rest + text).split("\n")
        lines = [cut_line(line[:-1] if line.endswith("\r") else line) for line in lines]
        start = 0
        while (end := end_of_piece(rest, start)) < len(rest):
            lines.append(rest[start:end])
            start = end
        self.rest = rest[start:]
        return lines

    def end(self):
        """What came after the last newline."""
        rest, self.rest = self.rest, ""
        return [cut_line(rest)] if rest else []


def cut_line(line):
    """A line of at most the limit's length; a longer one says how much is missing."""
    end = end_of_piece(line, 0)
    return line if end == len(line) else f"{line[:end]} [{chars_of(line[end:]):,} characters cut]"


def end_of_piece(text, start):
    """As far as the limit allows, from `start` on. Of n characters too many at least n / 2 are left off in each round."""
    end = min(start + LOG_LINE_CHARS, len(text))
    while (excess := chars_of(text[start:end]) - LOG_LINE_CHARS) > 0:
        end -= (excess + 1) // 2
    return end


def chars_of(text):
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2

"""The worker of Python functions: it runs user code, and nothing that must stay alive beside it.

One file of the standard library, for Python 3.9 and newer. Blocks of frames come in on file descriptor 3 and go out on
4 (`worker-frames.ts` of the protocol says what they are and which order they promise); when 3 ends the agent is dead,
and so is everything here. Values are those of `values.ts`: MessagePack with the extensions of msgpackr.

Threads: one reads commands, so that a recall or a cancel is heard while user code runs. The main thread imports the
code; then it runs the inputs of an `async def` on one event loop, or is the first of the threads that run those of a
`def`. All state is under one lock, and so is the pipe: the end of an input is written before the next one begins.
"""
from __future__ import annotations

import sys

if sys.version_info < (3, 9):
    sys.exit("Python functions need Python 3.9 or newer, and python3 is %d.%d" % sys.version_info[:2])

import array
import atexit
import builtins
import collections
import contextvars
import importlib.util
import io
import os
import queue
import signal
import struct
import threading
import time

FRAMES_IN = 3
FRAMES_OUT = 4
# `LIMITS` of the protocol.
VALUE_BYTES = 16 * 1024 * 1024
LOG_LINE_CHARS = 16_384
MAX_CAUSES = 8
MAX_ERROR_CHARS = 100_000
SUCCEEDED, FAILED, CANCELLED = 0, 1, 2
# A real-time signal where there are some: user code has its own plans for the named ones.
INTERRUPT = getattr(signal, "SIGRTMIN", signal.SIGUSR2)
INTERRUPT_AGAIN_S = 0.02
HURRY_S = 0.001


class BellowsError(Exception):
    """An error with a code of Bellows, as opposed to whatever user code raises."""

    def __init__(self, code, name, message, details=None):
        super().__init__(message)
        self.code, self.name, self.details = code, name, details


def serialization_error(message):
    return BellowsError("SERIALIZATION", "SerializationError", message)


# ---------------------------------------------------------------------------------------------- values to bytes

# Codes of msgpackr; what is no number of its own kind in Python is bytes.
TYPED_ARRAYS = {0: "b", 3: "h", 4: "H", 5: "i", 6: "I", 7: "f", 8: "d", 9: "q", 10: "Q"}
CODES_OF_ARRAYS = {"b": 0, "B": 1, "h": 3, "H": 4, "i": 5, "I": 6, "l": None, "L": None, "f": 7, "d": 8, "q": 9, "Q": 10}
MAX_RECORD_SHAPES = 64
LARGEST_WHOLE = 2**53 - 1
REGEXP_FLAGS = {"i": "IGNORECASE", "m": "MULTILINE", "s": "DOTALL"}


class NotAValue(Exception):
    """Something that cannot travel; where it is, is looked for afterwards."""


class Packer:
    """Writes one value. As a frame: dicts are maps, bytes are plain, and nothing is shared."""

    def __init__(self, as_frame=False):
        self.as_frame = as_frame
        self.parts = []
        # By identity: where it was written, its number once it is pointed to, and itself, so that it keeps its identity.
        self.places = {}
        self.pointed = 0
        self.shapes = {}

    def packed(self, value):
        self.write(value)
        return b"".join(self.parts)

    def write(self, value):
        kind = type(value)
        writer = WRITERS.get(kind)
        if writer is None:
            writer = self.writer_by_class(value)
        writer(self, value)

    def writer_by_class(self, value):
        """For instances of subclasses, and for classes whose module may not have been imported."""
        for kind in (bool, int, float, str, list, tuple, dict, set, frozenset, bytes, bytearray, array.array):
            if isinstance(value, kind):
                return WRITERS[kind]
        if isinstance(value, BaseException):
            return Packer.write_error
        if isinstance(value, memoryview):
            return lambda packer, view: packer.write_bytes(view.tobytes())
        datetime = sys.modules.get("datetime")
        if datetime is not None and isinstance(value, datetime.datetime):
            return Packer.write_datetime
        regexp = sys.modules.get("re")
        if regexp is not None and isinstance(value, regexp.Pattern):
            return Packer.write_regexp
        if hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
            return lambda packer, instance: packer.write_dict(fields_of(instance))
        raise NotAValue()

    def write_none(self, _value):
        self.parts.append(b"\xc0")

    def write_bool(self, value):
        self.parts.append(b"\xc3" if value else b"\xc2")

    def write_int(self, value):
        put = self.parts.append
        value = int(value)
        if 0 <= value < 0x40:  # Up to 0x7f are records.
            put(bytes((value,)))
        elif 0 <= value <= 0xFF:
            put(bytes((0xCC, value)))
        elif 0 <= value <= 0xFFFF:
            put(struct.pack(">BH", 0xCD, value))
        elif 0 <= value <= 0xFFFFFFFF:
            put(struct.pack(">BI", 0xCE, value))
        elif -0x20 <= value < 0:
            put(bytes((0x100 + value,)))
        elif -0x80000000 <= value < 0:
            put(struct.pack(">Bi", 0xD2, value))
        elif abs(value) <= LARGEST_WHOLE:  # A number there; what is larger is a BigInt.
            put(struct.pack(">Bd", 0xCB, value))
        elif -(2**63) <= value < 2**63:
            put(struct.pack(">Bq", 0xD3, value))
        elif 0 < value < 2**64:
            put(struct.pack(">BQ", 0xCF, value))
        else:
            self.write_extension(0x42, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))

    def write_float(self, value):
        self.parts.append(struct.pack(">Bd", 0xCB, value))

    def write_str(self, value):
        data = value.encode("utf-8", "surrogatepass")
        size = len(data)
        if size < 0x20:
            self.parts.append(bytes((0xA0 | size,)))
        elif size < 0x100:
            self.parts.append(bytes((0xD9, size)))
        elif size < 0x10000:
            self.parts.append(struct.pack(">BH", 0xDA, size))
        else:
            self.parts.append(struct.pack(">BI", 0xDB, size))
        self.parts.append(data)

    def write_bytes(self, value):
        data = bytes(value)
        if not self.as_frame:
            return self.write_typed(1, data)
        size = len(data)
        if size < 0x100:
            self.parts.append(bytes((0xC4, size)))
        elif size < 0x10000:
            self.parts.append(struct.pack(">BH", 0xC5, size))
        else:
            self.parts.append(struct.pack(">BI", 0xC6, size))
        self.parts.append(data)

    def write_array(self, value):
        code = CODES_OF_ARRAYS.get(value.typecode)
        if value.typecode in "lL":  # As wide as the platform has it.
            code = (5 if value.itemsize == 4 else 9) + (value.typecode == "L")
        if code is None:
            raise NotAValue()
        if sys.byteorder == "big":
            value = array.array(value.typecode, value)
            value.byteswap()
        self.write_typed(code, value.tobytes())

    def write_typed(self, code, data):
        self.write_extension(0x74, bytes((code,)) + data, fixed=False)

    def write_list(self, value):
        if self.is_pointer(value):
            return
        self.write_items(value)

    def write_items(self, items):
        self.write_size(len(items), 0x90, 0xDC)
        if items and all(type(item) is float for item in items):
            pack = FLOAT.pack
            self.parts.append(b"".join([pack(0xCB, item) for item in items]))
            return
        for item in items:
            self.write(item)

    def write_dict(self, value):
        if self.is_pointer(value):
            return
        if self.as_frame or not all(isinstance(key, str) for key in value):
            self.write_size(len(value), 0x80, 0xDE)
            for key, item in value.items():
                self.write(key)
                self.write(item)
            return
        self.write_shape(tuple(value))
        for item in value.values():
            self.write(item)

    def write_shape(self, keys):
        """An object is its keys, once, and then its values. There are so many numbers; then the oldest is given anew."""
        number = self.shapes.get(keys)
        if number is not None:
            self.parts.append(bytes((number,)))
            return
        if len(self.shapes) == MAX_RECORD_SHAPES:
            number = self.shapes.pop(next(iter(self.shapes)))
        else:
            number = 0x40 + len(self.shapes)
        self.shapes[keys] = number
        self.parts.append(bytes((0xD4, 0x72, number)))
        self.write_items(keys)

    def write_set(self, value):
        if self.is_pointer(value):
            return
        self.parts.append(b"\xd4\x73\x00")
        self.write_items(list(value))

    def write_datetime(self, value):
        import datetime

        aware = value if value.tzinfo is not None else value.astimezone()
        since = aware - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
        seconds, ms = divmod(since // datetime.timedelta(milliseconds=1), 1000)
        if ms == 0 and 0 <= seconds < 2**32:
            self.write_extension(0xFF, struct.pack(">I", seconds))
        elif 0 <= seconds < 2**32:
            self.write_extension(0xFF, struct.pack(">Q", ms * 1_000_000 << 34 | seconds))
        else:
            self.write_extension(0xFF, struct.pack(">Iq", ms * 1_000_000, seconds))

    def write_regexp(self, value):
        if isinstance(value.pattern, bytes):
            raise NotAValue()
        import re

        flags = "".join(flag for flag, name in REGEXP_FLAGS.items() if value.flags & getattr(re, name))
        self.parts.append(b"\xd4\x78\x00")
        self.write_items([value.pattern, flags])

    def write_error(self, value):
        if self.is_pointer(value):
            return
        self.parts.append(b"\xd4\x65\x00\x93")
        self.write(type(value).__name__)
        self.write(text_of(value))
        if value.__cause__ is None:
            self.parts.append(b"\xd4\x00\x00")
        else:
            self.write(value.__cause__)

    def write_size(self, size, short, long):
        if size < 0x10:
            self.parts.append(bytes((short | size,)))
        elif size < 0x10000:
            self.parts.append(struct.pack(">BH", long, size))
        else:
            self.parts.append(struct.pack(">BI", long + 1, size))

    def write_extension(self, kind, data, fixed=True):
        size = len(data)
        if fixed and size in (1, 2, 4, 8, 16):
            self.parts.append(bytes((0xD4 + (1, 2, 4, 8, 16).index(size), kind)))
        elif size < 0x100:
            self.parts.append(bytes((0xC7, size, kind)))
        elif size < 0x10000:
            self.parts.append(struct.pack(">BHB", 0xC8, size, kind))
        else:
            self.parts.append(struct.pack(">BIB", 0xC9, size, kind))
        self.parts.append(data)

    def is_pointer(self, value):
        """Whether it was written before; then a pointer to it is written now, and its number where it stands."""
        if self.as_frame:
            return False
        place = self.places.get(id(value))
        if place is None:
            self.places[id(value)] = [len(self.parts), 0, value]
            self.parts.append(b"")
            return False
        if place[1] == 0:
            self.pointed += 1
            place[1] = self.pointed
            self.parts[place[0]] = struct.pack(">BBI", 0xD6, 0x69, place[1])
        self.parts.append(struct.pack(">BBI", 0xD6, 0x70, place[1]))
        return True


FLOAT = struct.Struct(">Bd")
WRITERS = {
    type(None): Packer.write_none,
    bool: Packer.write_bool,
    int: Packer.write_int,
    float: Packer.write_float,
    str: Packer.write_str,
    list: Packer.write_list,
    tuple: Packer.write_items,
    dict: Packer.write_dict,
    set: Packer.write_set,
    frozenset: Packer.write_set,
    bytes: Packer.write_bytes,
    bytearray: Packer.write_bytes,
    array.array: Packer.write_array,
}


def encode_value(value):
    """The bytes of a value, at most 16 MiB. Raises a BellowsError that names the path of what cannot travel."""
    try:
        data = Packer().packed(value)
    except NotAValue:
        path, found = path_of_culprit(value, "value", set()) or ("value", value)
        raise serialization_error(f"{path} is {described(found)}, which cannot travel; {remedy(found)}") from None
    except RecursionError:
        raise serialization_error("the value is nested too deeply to travel; return a flatter one") from None
    if len(data) > VALUE_BYTES:
        details = {"limit": "valueBytes", "max": VALUE_BYTES, "current": len(data)}
        message = (
            f"the value is {len(data):,} bytes, above the limit of {VALUE_BYTES:,} (16 MiB); "
            "pass a reference (a path, a URL, a key) instead of the data"
        )
        raise BellowsError("PAYLOAD_TOO_LARGE", "PayloadTooLargeError", message, details)
    return data


def fields_of(instance):
    return {name: getattr(instance, name) for name in instance.__dataclass_fields__}


def path_of_culprit(value, path, seen):
    """Where in the value the first thing is that cannot travel, and that thing."""
    if id(value) in seen:
        return None
    seen.add(id(value))
    if isinstance(value, dict):
        steps = [(f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{key!r}]", item) for key, item in value.items()]
        steps = [(".key", key) for key in value] + steps
    elif isinstance(value, (list, tuple)):
        steps = [(f"[{index}]", item) for index, item in enumerate(value)]
    elif isinstance(value, (set, frozenset)):
        steps = [(".item", item) for item in value]
    elif hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        steps = [(f".{name}", item) for name, item in fields_of(value).items()]
    else:
        try:
            Packer().packed(value)
        except NotAValue:
            return path, value
        return None
    for step, item in steps:
        found = path_of_culprit(item, path + step, seen)
        if found:
            return found
    return None


def described(value):
    if isinstance(value, type):
        return f"the class {value.__name__}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def remedy(value):
    if hasattr(value, "__next__"):
        return "collect what it yields: return list(...)"
    if hasattr(value, "tolist"):
        return "convert it with .tolist()"
    if hasattr(value, "isoformat"):
        return "pass a datetime, or text made by .isoformat()"
    if callable(value):
        return "pass data and look it up on the other side"
    return "pass its data: numbers, text, bytes, lists, dicts, datetimes or dataclasses"


# ---------------------------------------------------------------------------------------------- bytes to values


class Unpacker:
    """Reads one value: objects and Maps are dicts, `undefined` is None, a whole number is an int."""

    def __init__(self, data):
        self.data = data
        self.at = 0
        self.shapes = {}
        self.shared = {}

    def read(self, number=None):
        """`number`: what is pointed to later by this number; a list or a dict may hold itself."""
        token = self.data[self.at]
        self.at += 1
        if token < 0x40:
            return token
        if token < 0x80:
            keys = self.shapes.get(token)
            return token if keys is None else self.read_object(keys, number)
        if token < 0x90:
            return self.read_map(token & 0x0F, number)
        if token < 0xA0:
            return self.read_list(token & 0x0F, number)
        if token < 0xC0:
            return self.read_str(token & 0x1F)
        if token >= 0xE0:
            return token - 0x100
        if token <= 0xC3:
            return (None, None, False, True)[token - 0xC0]
        if token <= 0xC6:
            return self.take(self.read_number("BHI"[token - 0xC4]))
        if token <= 0xC9:
            return self.read_extension(self.read_number("BHI"[token - 0xC7]), number)
        if token <= 0xCB:
            return whole(self.read_number("fd"[token - 0xCA]))
        if token <= 0xD3:
            return self.read_number("BHIQbhiq"[token - 0xCC])
        if token <= 0xD8:
            return self.read_extension(1 << (token - 0xD4), number)
        if token <= 0xDB:
            return self.read_str(self.read_number("BHI"[token - 0xD9]))
        if token <= 0xDD:
            return self.read_list(self.read_number("HI"[token - 0xDC]), number)
        return self.read_map(self.read_number("HI"[token - 0xDE]), number)

    def read_number(self, form):
        packed = NUMBERS[form]
        (value,) = packed.unpack_from(self.data, self.at)
        self.at += packed.size
        return value

    def take(self, size):
        data = self.data[self.at : self.at + size]
        if len(data) < size:
            raise EOFError("the bytes of a value end too early")
        self.at += size
        return data

    def read_str(self, size):
        return self.take(size).decode("utf-8", "surrogatepass")

    def read_list(self, size, number):
        items = []
        if number is not None:
            self.shared[number] = items
        end = self.at + 9 * size
        if size > 8 and self.data[self.at : end : 9] == b"\xcb" * size:  # Perhaps all of them are fractions.
            items += self.read_fractions(size, end)
        read = self.read
        for _ in range(size - len(items)):
            items.append(read())
        return items

    def read_fractions(self, size, end):
        if len(self.data) < end:
            return []
        values = struct.unpack_from(">" + "xd" * size, self.data, self.at)
        self.at = end
        return [whole(value) for value in values]

    def read_object(self, keys, number):
        value = {}
        if number is not None:
            self.shared[number] = value
        for key in keys:
            value[key] = self.read()
        return value

    def read_map(self, size, number):
        value = {}
        if number is not None:
            self.shared[number] = value
        for _ in range(size):
            key = as_key(self.read())
            value[key] = self.read()
        return value

    def read_extension(self, size, number):
        kind = self.data[self.at]
        self.at += 1
        payload = self.take(size)
        if kind == 0x69:
            (target,) = struct.unpack(">I", payload)
            value = self.read(target)
            self.shared.setdefault(target, value)
            return value
        if kind == 0x70:
            (target,) = struct.unpack(">I", payload)
            if target not in self.shared:
                raise invalid("an error that is its own cause has no likeness in Python; leave it out")
            return self.shared[target]
        if kind == 0x72:
            keys = self.read()
            self.shapes[0x40 | payload[0] & 0x3F] = keys
            return self.read_object(keys, number)
        if kind == 0x73:
            value = set()
            if number is not None:
                self.shared[number] = value
            value.update(as_key(item) for item in self.read())
            return value
        if kind == 0x65:
            return error_from(*self.read())
        if kind == 0x78:
            return regexp_from(*self.read())
        if kind == 0x42:
            return int.from_bytes(payload, "big", signed=True)
        if kind == 0x74:
            return typed_from(payload[0], payload[1:])
        if kind == 0xFF:
            return datetime_from(payload)
        if kind == 0:
            return None
        raise invalid(f"a value of an unknown kind ({kind}) came in; use one version of Bellows throughout")


NUMBERS = {form: struct.Struct(">" + form) for form in "BHIQbhiqfd"}


def decode_value(data):
    return Unpacker(data).read()


def invalid(message):
    return BellowsError("INVALID", "InvalidError", message)


def whole(value):
    """JavaScript has one kind of number, and writes a whole one of more than 32 bits as a fraction."""
    return int(value) if value.is_integer() and abs(value) <= LARGEST_WHOLE else value


def as_key(value):
    if isinstance(value, list):
        return tuple(as_key(item) for item in value)
    if isinstance(value, (dict, set, array.array)):
        raise invalid("a Map or a Set with objects as keys has no likeness in Python; pass a list of pairs")
    return value


def typed_from(code, data):
    form = TYPED_ARRAYS.get(code)
    if form is None:
        return data
    value = array.array(form)
    value.frombytes(data)
    if sys.byteorder == "big":
        value.byteswap()
    return value


def datetime_from(data):
    import datetime

    if len(data) == 4:
        seconds, ns = struct.unpack(">I", data)[0], 0
    elif len(data) == 8:
        (both,) = struct.unpack(">Q", data)
        seconds, ns = both & (2**34 - 1), both >> 34
    elif len(data) == 12:
        ns, seconds = struct.unpack(">Iq", data)
    else:
        return None
    try:
        since = datetime.timedelta(seconds=seconds, microseconds=ns // 1000)
        return datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + since
    except OverflowError:
        raise invalid("a Date outside of the years 1 to 9999 has no likeness in Python; pass its number") from None


def error_from(name, message, cause):
    known = getattr(builtins, name, None)
    kind = known if isinstance(known, type) and issubclass(known, Exception) else type(name, (Exception,), {})
    try:
        error = kind(message)
    except TypeError:  # Of those that are made of more than a message.
        error = Exception(message)
    if isinstance(cause, BaseException):
        error.__cause__ = cause
    return error


def regexp_from(source, flags):
    import re

    try:
        return re.compile(source, sum(getattr(re, REGEXP_FLAGS[flag]) for flag in flags if flag in REGEXP_FLAGS))
    except re.error as error:
        raise invalid(f"the RegExp /{source}/ is none in Python ({error}); pass its source as text") from None


# ---------------------------------------------------------------------------------------------- errors


def text_of(thrown):
    """Reading what was raised can raise again: its methods may do anything."""
    try:
        return str(thrown)
    except Exception:
        return "an exception whose text cannot be read"


def error_data(thrown, folder, depth=0):
    """What was raised, as it travels; `folder` is that of the user's code, whose files are shown relative to it."""
    if isinstance(thrown, BellowsError):
        details = {"details": thrown.details} if thrown.details else {}
        return {"code": thrown.code, "name": thrown.name, "message": str(thrown), **details}
    data = {
        "code": "REMOTE",
        "name": type(thrown).__name__,
        "message": text_of(thrown)[:MAX_ERROR_CHARS],
        "stack": traceback_of(thrown, folder)[:MAX_ERROR_CHARS],
    }
    context = None if thrown.__suppress_context__ else thrown.__context__
    cause = thrown.__cause__ if thrown.__cause__ is not None else context
    if cause is not None and depth < MAX_CAUSES:
        data["cause"] = error_data(cause, folder, depth + 1)
    return data


def traceback_of(thrown, folder):
    """The traceback from the first line of the user's own code on."""
    import traceback

    def is_ours(name):
        return name == __file__ or name.startswith("<frozen importlib")

    trace = thrown.__traceback__
    while trace is not None and is_ours(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    try:
        text = "".join(traceback.format_exception(type(thrown), thrown, trace, chain=False))
    except Exception:
        text = f"{type(thrown).__name__}: {text_of(thrown)}"
    return text.rstrip("\n").replace(f'File "{folder}{os.sep}', 'File "')


def is_cancellation(thrown):
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and isinstance(thrown, asyncio.CancelledError)


# ---------------------------------------------------------------------------------------------- what is printed


def cut_line(line):
    excess = len(line) - LOG_LINE_CHARS
    return line if excess <= 0 else f"{line[:LOG_LINE_CHARS]} [{excess:,} characters cut]"


class LineSplitter:
    """Lines out of what is printed, whatever the pieces; one that never ends comes out in pieces."""

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
        rest, self.rest = self.rest, ""
        return [cut_line(rest)] if rest else []


class Printed:
    """What was printed and has no end of line yet, of one input or of none."""

    def __init__(self):
        self.streams = {"stdout": LineSplitter(), "stderr": LineSplitter()}


class CapturedText(io.TextIOBase):
    """In the place of `sys.stdout` or `sys.stderr`: every line leaves the process at once."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, stream, descriptor, write):
        super().__init__()
        self.stream, self.descriptor, self.written = stream, descriptor, write
        self.buffer = CapturedBytes(self)

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.written(self.stream, text)
        return len(text)

    def writable(self):
        return True

    def fileno(self):
        return self.descriptor  # For child processes, whose output the agent reads.


class CapturedBytes(io.RawIOBase):
    def __init__(self, text):
        super().__init__()
        self.text = text

    def write(self, data):
        data = bytes(data)
        self.text.write(data.decode("utf-8", "replace"))
        return len(data)

    def writable(self):
        return True

    def fileno(self):
        return self.text.descriptor


# ---------------------------------------------------------------------------------------------- inputs


class Input:
    """An attempt at an input, from its arrival to its end."""

    def __init__(self, call_id, index, attempt, payload):
        self.call_id, self.index, self.attempt, self.payload = call_id, index, attempt, payload
        self.started_at_ms = 0
        self.printed = Printed()
        self.cancelled = False
        self.ended = False
        # Of a `def`: the thread that runs it, whether user code runs there now, whether the cancel was raised in it.
        self.thread = None
        self.open = False
        self.struck = False
        # Of an `async def`.
        self.task = None

    @property
    def ref(self):
        return (self.call_id, self.index, self.attempt)


CURRENT = contextvars.ContextVar("bellows-input", default=None)


def now_ms():
    return int(time.time() * 1000)


class Worker:
    def __init__(self):
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.queue = collections.deque()
        self.running = {}
        self.printed = Printed()
        self.loads = queue.SimpleQueue()
        self.function = None
        self.folder = ""
        self.slots = 1
        self.threads = 1
        self.idle = 0
        self.on_main = None
        self.hurry = False
        self.loop = None
        self.context = contextvars.Context()

    # The pipe.

    def send(self, *frames):
        body = Packer(as_frame=True).packed(list(frames))
        block = memoryview(struct.pack(">I", len(body)) + body)
        with self.lock:
            while block:
                try:
                    block = block[os.write(FRAMES_OUT, block) :]
                except OSError:
                    end_with_group()

    def read_commands(self):
        with os.fdopen(FRAMES_IN, "rb") as pipe:
            while True:
                header = pipe.read(4)
                body = pipe.read(struct.unpack(">I", header)[0]) if len(header) == 4 else b""
                if not body:
                    end_with_group()
                for command in decode_value(body):
                    self.received(command)

    def received(self, command):
        self.hurry = True
        try:
            self.obey(command)
        finally:
            self.hurry = False

    def obey(self, command):
        kind = command["type"]
        if kind == "load":
            self.loads.put(command)
        elif kind == "run":
            self.run(command["inputs"])
        elif kind == "recall":
            self.recall(command["attempts"])
        elif kind == "cancel":
            self.cancel(command["attempts"])
        elif kind == "exit":
            self.exit()
        # `take` is for generators, and no Python function is one.

    # What is printed.

    def print(self, stream, text):
        current = CURRENT.get()
        with self.lock:
            printed = (current or self).printed
            self.log(stream, current, printed.streams[stream].push(text))
            if current is not None and current.ended:  # Nobody else will print the rest.
                self.flush(current)
        # The lock is not fair: code that prints in a loop would have it again before a command gets it.
        if self.hurry:
            time.sleep(HURRY_S)
        if current is not None and current.cancelled:
            self.strike_here(current)

    def flush(self, current):
        with self.lock:
            for stream, splitter in (current or self).printed.streams.items():
                self.log(stream, current, splitter.end())

    def log(self, stream, current, lines):
        if not lines:
            return
        at_ms = now_ms()
        call_id, index = (current.call_id, current.index) if current is not None else (None, None)
        self.send({"type": "logs", "lines": [[at_ms, stream, call_id, index, line] for line in lines]})

    # The code.

    def load(self, command):
        """Imports the user's file and finds the function; tells the agent how it went."""
        started = time.perf_counter()
        path, name = command["bundlePath"], command["functionName"]
        self.slots = command["slots"]
        self.folder = os.path.dirname(path)
        os.environ.update(command["env"])
        own_folder = os.path.dirname(os.path.abspath(__file__))
        sys.path[:] = [self.folder] + [entry for entry in sys.path if os.path.abspath(entry) != own_folder]
        sys.argv = [path]
        try:
            self.function = imported(path, name)
        except BaseException as thrown:
            self.flush(None)
            return self.send({"type": "loadFailed", "error": self.load_error(thrown)})
        # Each input starts from a copy: what it prints, and what it sets there, is of no other input.
        self.context = contextvars.copy_context()
        import_ms = round((time.perf_counter() - started) * 1000)
        # Before it is known outside: the first inputs may come at once, and must find what is to run them.
        self.loop = new_loop() if is_async(self.function) else None
        self.send({"type": "loaded", "importMs": import_ms, "enterMs": 0})
        if self.loop is not None:
            self.loop.run_forever()
        else:
            self.run_thread()

    def load_error(self, thrown):
        cause = error_data(thrown, self.folder)
        what = f"{cause['name']}: {cause['message']}" if cause["code"] == "REMOTE" else cause["message"]
        error = {"code": "STARTUP", "name": "StartupError", "message": f"the code could not be loaded: {what}"}
        return {**error, "cause": cause, **({"stack": cause["stack"]} if "stack" in cause else {})}

    # Inputs come and go.

    def run(self, groups):
        with self.lock:
            for call_id, items in groups:
                self.queue.extend(Input(call_id, *item) for item in items)
            if self.loop is not None:
                return self.loop.call_soon_threadsafe(self.pump)
            missing = min(len(self.queue) - self.idle, self.slots - self.threads)
            for _ in range(missing):
                self.threads += 1
                threading.Thread(target=self.run_thread, daemon=True).start()
            self.changed.notify_all()

    def recall(self, refs):
        with self.lock:
            recalled = self.take_queued(refs)
            if recalled:
                self.send({"type": "returned", "attempts": [list(each.ref) for each in recalled]})

    def cancel(self, refs):
        with self.lock:
            for each in self.take_queued(refs):
                each.started_at_ms = now_ms()
                error = cancelled_error("the input was cancelled before it began")
                self.end(each, CANCELLED, encode_value(error))
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

    def end(self, each, status, payload):
        with self.lock:
            self.flush(each)
            each.ended = True
            item = [each.index, each.attempt, status, payload, each.started_at_ms, now_ms()]
            self.send({"type": "outputs", "outputs": [[each.call_id, [item]]]})
            self.running.pop(each.ref, None)

    def arguments(self, each):
        value = decode_value(each.payload)
        return value if isinstance(value, list) else [value]

    def succeeded(self, value):
        try:
            return SUCCEEDED, encode_value(value)
        except Exception as error:
            return FAILED, encode_value(error_data(error, self.folder))

    def failed(self, each, thrown):
        if not each.cancelled:
            return FAILED, encode_value(error_data(thrown, self.folder))
        cause = {} if is_cancellation(thrown) else {"cause": error_data(thrown, self.folder)}
        return CANCELLED, encode_value({**cancelled_error("the input was cancelled"), **cause})

    # A `def`: as many threads as there are slots, made when they are needed.

    def run_thread(self):
        while True:
            with self.changed:
                self.idle += 1
                while not self.queue:
                    self.changed.wait()
                self.idle -= 1
                each = self.begin()
                each.thread = threading.get_ident()
            self.context.copy().run(self.run_on_thread, each)

    def run_on_thread(self, each):
        CURRENT.set(each)
        is_main = threading.current_thread() is threading.main_thread()
        if is_main:
            self.on_main = each
        try:
            each.open = True
            outcome = self.called(each)
        except BaseException as thrown:  # The cancel came when user code had ended.
            outcome = self.failed(each, thrown)
        while each.open:
            try:
                with self.lock:
                    each.open = False
                    if each.struck and not is_main:
                        raise_in_thread(each.thread, None)
            except BaseException:
                continue
        if is_main:
            self.on_main = None
        self.end(each, *outcome)

    def called(self, each):
        try:
            value = self.function(*self.arguments(each))
            if hasattr(value, "__await__"):  # Of a `def` that hands on a coroutine.
                value = run_to_end(value)
        except BaseException as thrown:
            return self.failed(each, thrown)
        return self.succeeded(value)

    # An `async def`: one event loop on the main thread.

    def pump(self):
        with self.lock:
            while self.queue and len(self.running) < self.slots:
                each = self.begin()
                each.task = self.context.copy().run(self.loop.create_task, self.awaited(each))
                each.task.add_done_callback(lambda task, each=each: self.done(each, task))

    async def awaited(self, each):
        CURRENT.set(each)
        try:
            value = await self.function(*self.arguments(each))
        except BaseException as thrown:
            return self.failed(each, thrown)
        return self.succeeded(value)

    def done(self, each, task):
        if task.cancelled():  # Before its first line.
            outcome = CANCELLED, encode_value(cancelled_error("the input was cancelled"))
        else:
            outcome = task.result()
        self.end(each, *outcome)
        self.pump()

    # Cancellation.

    def interrupt(self, each):
        """Raises `asyncio.CancelledError` in the code of an input, as soon as that code is between two steps."""
        import asyncio

        with self.lock:
            if each.ended or each.struck:
                return
            if each.task is not None:
                self.loop.call_soon_threadsafe(each.task.cancel)
                return
            if each.open and each is self.on_main:
                # A signal, since it also ends a `sleep` or a `recv` there.
                signal.pthread_kill(threading.main_thread().ident, INTERRUPT)
            elif each.open and self.on_main is not each:
                each.struck = raise_in_thread(each.thread, asyncio.CancelledError)
        # The signal may have come while that thread held the lock, or had not begun.
        again = threading.Timer(INTERRUPT_AGAIN_S, self.interrupt, [each])
        again.daemon = True
        again.start()

    def signalled(self, _signal, _frame):
        each = self.on_main
        if each is None or not each.open or not each.cancelled or each.struck or self.lock._is_owned():
            return
        each.struck = True
        raise sys.modules["asyncio"].CancelledError("the input was cancelled")

    def strike_here(self, each):
        """The same in code that prints: it is known to be here, and holds no lock."""
        if each.thread != threading.get_ident():
            return
        with self.lock:
            is_due = each.open and not each.struck
            each.struck = each.struck or is_due
        if is_due:
            from asyncio import CancelledError

            raise CancelledError("the input was cancelled")

    # The end.

    def exit(self):
        """What the code has left running never keeps the process; what it has registered for its exit has its turn."""
        try:
            atexit._run_exitfuncs()
        except BaseException:
            pass  # It was printed.
        self.flush(None)
        os._exit(0)


def cancelled_error(message):
    return {"code": "CANCELLED", "name": "CancelledError", "message": message}


def raise_in_thread(ident, kind):
    """Asks the interpreter to raise in another thread; None takes that back. False where it cannot be asked."""
    try:
        import ctypes
    except ImportError:
        return False
    raised = ctypes.py_object(kind) if kind is not None else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), raised)
    return True


def new_loop():
    import asyncio

    # In Python 3.9 what the user's module has made at its import belongs to the loop that there was then.
    loop = asyncio.get_event_loop() if sys.version_info < (3, 10) else asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    return loop


def run_to_end(awaitable):
    import asyncio

    async def awaited():
        return await awaitable

    return asyncio.run(awaited())


def imported(path, name):
    """The function of this name in the file. Raises what its import raises."""
    file = os.path.basename(path)
    module_name = os.path.splitext(file)[0]
    spec = importlib.util.spec_from_file_location(module_name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    spec.loader.exec_module(module)
    found = getattr(module, name, None)
    if callable(found):
        return found
    own = [key for key, value in vars(module).items() if callable(value) and getattr(value, "__module__", None) == module_name]
    there_is = ", ".join(f'"{each}"' for each in own) or "none"
    raise BellowsError("NOT_FOUND", "NotFoundError", f'{file} has no function "{name}"; it has {there_is}')


CO_COROUTINE = 0x80


def is_async(function):
    for each in (function, getattr(function, "func", None), getattr(type(function), "__call__", None)):
        code = getattr(each, "__code__", None)
        if code is not None and code.co_flags & CO_COROUTINE:
            return True
    return False


def end_with_group():
    """The agent is gone, and with it every use of this process and of what it started."""
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def forked():
    """A child process has no part in the pipe: what it prints is the agent's to read."""
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
    os.register_at_fork(after_in_child=forked)
    signal.signal(INTERRUPT, worker.signalled)
    sys.stdout = CapturedText("stdout", 1, worker.print)
    sys.stderr = CapturedText("stderr", 2, worker.print)
    threading.Thread(target=worker.read_commands, daemon=True).start()
    worker.load(worker.loads.get())
    # The agent was told that it failed, and ends this process.
    threading.Event().wait()


if __name__ == "__main__":
    main()

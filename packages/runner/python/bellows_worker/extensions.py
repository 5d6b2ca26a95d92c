"""What the extensions of msgpackr are in Python: typed arrays, dates, errors and regular expressions."""
import array
import builtins
import struct
import sys

from bellows_worker.errors import invalid_error

# Codes of msgpackr; what is no number of its own kind in Python is bytes.
TYPED_ARRAYS = {0: "b", 3: "h", 4: "H", 5: "i", 6: "I", 7: "f", 8: "d", 9: "q", 10: "Q"}
CODES_OF_ARRAYS = {"b": 0, "B": 1, "h": 3, "H": 4, "i": 5, "I": 6, "f": 7, "d": 8, "q": 9, "Q": 10}
REGEXP_FLAGS = {"i": "IGNORECASE", "m": "MULTILINE", "s": "DOTALL"}


def code_of_array(value):
    """None for an array of characters, which there is no typed array for."""
    if value.typecode in "lL":  # As wide as the platform has it.
        return (5 if value.itemsize == 4 else 9) + (value.typecode == "L")
    return CODES_OF_ARRAYS.get(value.typecode)


def array_from(code, data):
    form = TYPED_ARRAYS.get(code)
    if form is None:
        return data
    value = array.array(form)
    value.frombytes(data)
    if sys.byteorder == "big":
        value.byteswap()
    return value


def datetime_from(data):
    """Aware, in UTC; None for an invalid Date."""
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
        raise invalid_error(
            "a Date outside of the years 1 to 9999 has no likeness in Python; pass its number"
        ) from None


def error_from(name, message, cause):
    """An exception of the built-in class of this name, or of one made for it."""
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
        raise invalid_error(f"the RegExp /{source}/ is none in Python ({error}); pass its source as text") from None

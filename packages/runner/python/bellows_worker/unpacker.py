"""Bytes as values: objects and Maps are dicts, `undefined` is None, a whole number is an int. Reads frames as well."""
import array
import struct

from bellows_worker.errors import invalid_error
from bellows_worker.extensions import array_from, datetime_from, error_from, regexp_from
from bellows_worker.packer import LARGEST_WHOLE

NUMBERS = {form: struct.Struct(">" + form) for form in "BHIQbhiqfd"}


class Unpacker:
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
            if key in value:
                raise equal_error("a Map", key, "pass a list of pairs")
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
                raise invalid_error("an error that is its own cause has no likeness in Python; leave it out")
            return self.shared[target]
        if kind == 0x72:
            keys = self.read()
            self.shapes[0x40 | payload[0] & 0x3F] = keys
            return self.read_object(keys, number)
        if kind == 0x73:
            value = set()
            if number is not None:
                self.shared[number] = value
            for item in self.read():
                item = as_key(item)
                if item in value:
                    raise equal_error("a Set", item, "pass a list")
                value.add(item)
            return value
        if kind == 0x65:
            return error_from(*self.read())
        if kind == 0x78:
            return regexp_from(*self.read())
        if kind == 0x42:
            return int.from_bytes(payload, "big", signed=True)
        if kind == 0x74:
            return array_from(payload[0], payload[1:])
        if kind == 0xFF:
            return datetime_from(payload)
        if kind == 0:
            return None
        raise invalid_error(f"a value of an unknown kind ({kind}) came in; use one version of Bellows throughout")


def whole(value):
    """JavaScript has one kind of number, and writes a whole one of more than 32 bits as a fraction."""
    return int(value) if value.is_integer() and abs(value) <= LARGEST_WHOLE else value


def as_key(value):
    if isinstance(value, list):
        return tuple(as_key(item) for item in value)
    if isinstance(value, (dict, set, array.array)):
        raise invalid_error("a Map or a Set with objects as keys has no likeness in Python; pass a list of pairs")
    return value


def equal_error(kind, key, remedy):
    return invalid_error(
        f"{kind} has no likeness in Python where {key!r:.80} is equal to another one of its keys, as 1 is to true and to 1n, "
        f"and null to undefined; {remedy}"
    )

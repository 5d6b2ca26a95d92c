"""Values as bytes: MessagePack with the extensions of msgpackr's structured clone, which `values.ts` of the protocol reads.

Objects are records: their keys once, by a number, and then values alone. What is met again is pointed to, so that
shared and cyclic references survive.
"""
import array
import struct
import sys

from bellows_worker.errors import text_of
from bellows_worker.extensions import REGEXP_FLAGS, code_of_array
from bellows_worker.packer import FLOAT, NotAValue, Packer

MAX_RECORD_SHAPES = 64


class ValuePacker(Packer):
    def __init__(self):
        super().__init__()
        # By identity: where it was written, its number once it is pointed to, and itself, so that it keeps its identity.
        self.places = {}
        self.pointed = 0
        self.shapes = {}

    def writer_by_class(self, value):
        """For instances of subclasses, and for classes whose module may not have been imported."""
        for kind in BASES:
            if isinstance(value, kind):
                return self.writers[kind]
        if isinstance(value, BaseException):
            return ValuePacker.write_error
        if isinstance(value, memoryview):
            return lambda packer, view: packer.write_bytes(view.tobytes())
        datetime = sys.modules.get("datetime")
        if datetime is not None and isinstance(value, datetime.datetime):
            return ValuePacker.write_datetime
        regexp = sys.modules.get("re")
        if regexp is not None and isinstance(value, regexp.Pattern):
            return ValuePacker.write_regexp
        if is_dataclass(value):
            return ValuePacker.write_dataclass
        raise NotAValue()

    def write_huge_int(self, value):
        self.write_extension(0x42, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))

    def write_bytes(self, value):
        self.write_typed(1, bytes(value))

    def write_array(self, value):
        code = code_of_array(value)
        if code is None:
            raise NotAValue()
        if sys.byteorder == "big":
            value = array.array(value.typecode, value)
            value.byteswap()
        self.write_typed(code, value.tobytes())

    def write_typed(self, code, data):
        self.write_extension(0x74, bytes((code,)) + data, fixed=False)

    def write_list(self, value):
        if not self.is_pointer(value):
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
        if not all(isinstance(key, str) for key in value):
            return super().write_dict(value)
        self.write_object(value)

    def write_dataclass(self, value):
        if not self.is_pointer(value):
            self.write_object(fields_of(value))

    def write_object(self, fields):
        self.write_shape(tuple(fields))
        for item in fields.values():
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


ValuePacker.writers = {
    **Packer.writers,
    list: ValuePacker.write_list,
    tuple: ValuePacker.write_items,
    dict: ValuePacker.write_dict,
    set: ValuePacker.write_set,
    frozenset: ValuePacker.write_set,
    bytes: ValuePacker.write_bytes,
    bytearray: ValuePacker.write_bytes,
    array.array: ValuePacker.write_array,
}
# What an instance of a subclass is taken for; a bool is an int, too.
BASES = (bool, int, float, str, list, tuple, dict, set, frozenset, bytes, bytearray, array.array)


def is_dataclass(value):
    return hasattr(type(value), "__dataclass_fields__")


def fields_of(instance):
    """What is only declared, as a ClassVar or an InitVar, is no field of it."""
    import dataclasses

    return {field.name: getattr(instance, field.name) for field in dataclasses.fields(instance)}

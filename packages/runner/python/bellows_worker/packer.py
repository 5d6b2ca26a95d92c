"""Plain MessagePack, as frames are written: dicts are maps, bytes are plain, and nothing is shared."""
import struct

LARGEST_WHOLE = 2**53 - 1
FLOAT = struct.Struct(">Bd")


class NotAValue(Exception):
    """Something that cannot travel; where it is, is looked for afterwards."""


class Packer:
    """Writes one value, into `parts`. `writers` says by the exact class of a thing which method writes it."""

    writers = {}

    def __init__(self):
        self.parts = []

    def packed(self, value):
        self.write(value)
        return b"".join(self.parts)

    def write(self, value):
        writer = self.writers.get(type(value))
        if writer is None:
            writer = self.writer_by_class(value)
        writer(self, value)

    def writer_by_class(self, value):
        raise NotAValue()

    def write_none(self, _value):
        self.parts.append(b"\xc0")

    def write_bool(self, value):
        self.parts.append(b"\xc3" if value else b"\xc2")

    def write_int(self, value):
        put = self.parts.append
        value = int(value)
        if 0 <= value < 0x40:  # Up to 0x7f are the records of values.
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
            put(FLOAT.pack(0xCB, value))
        elif -(2**63) <= value < 2**63:
            put(struct.pack(">Bq", 0xD3, value))
        elif 0 < value < 2**64:
            put(struct.pack(">BQ", 0xCF, value))
        else:
            self.write_huge_int(value)

    def write_huge_int(self, _value):
        raise NotAValue()

    def write_float(self, value):
        self.parts.append(FLOAT.pack(0xCB, value))

    def write_str(self, value):
        # Half of a surrogate pair, of which JavaScript makes a replacement character.
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
        size = len(data)
        if size < 0x100:
            self.parts.append(bytes((0xC4, size)))
        elif size < 0x10000:
            self.parts.append(struct.pack(">BH", 0xC5, size))
        else:
            self.parts.append(struct.pack(">BI", 0xC6, size))
        self.parts.append(data)

    def write_list(self, items):
        self.write_size(len(items), 0x90, 0xDC)
        for item in items:
            self.write(item)

    def write_dict(self, value):
        self.write_size(len(value), 0x80, 0xDE)
        for key, item in value.items():
            self.write(key)
            self.write(item)

    def write_size(self, size, short, long):
        if size < 0x10:
            self.parts.append(bytes((short | size,)))
        elif size < 0x10000:
            self.parts.append(struct.pack(">BH", long, size))
        else:
            self.parts.append(struct.pack(">BI", long + 1, size))


Packer.writers = {
    type(None): Packer.write_none,
    bool: Packer.write_bool,
    int: Packer.write_int,
    float: Packer.write_float,
    str: Packer.write_str,
    bytes: Packer.write_bytes,
    list: Packer.write_list,
    tuple: Packer.write_list,
    dict: Packer.write_dict,
}

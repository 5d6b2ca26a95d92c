"""Frames on the pipes: a length of 32 bits (big-endian), then MessagePack, a list of dicts with a `type`.

Which frames there are, and which order they promise, is in `worker-frames.ts` of the protocol.
"""
import struct

from bellows_worker.packer import Packer
from bellows_worker.unpacker import Unpacker

HEADER = struct.Struct(">I")


def encode_block(frames):
    body = Packer().packed(frames)
    return HEADER.pack(len(body)) + body


def read_block(pipe):
    """The frames of the next block; None where the pipe ends."""
    header = pipe.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (size,) = HEADER.unpack(header)
    body = pipe.read(size)
    return Unpacker(body).read() if len(body) == size else None

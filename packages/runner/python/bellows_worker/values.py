"""Values between caller and function, as `values.ts` of the protocol has them: at most 16 MiB, and told where they are unfit."""
from bellows_worker.culprit import path_of_culprit, sentence_about
from bellows_worker.errors import BellowsError, invalid_error, serialization_error
from bellows_worker.limits import VALUE_BYTES
from bellows_worker.packer import NotAValue
from bellows_worker.unpacker import Unpacker
from bellows_worker.value_packer import ValuePacker


def encode_value(value):
    """The bytes of a value. Raises a BellowsError that names the path of what cannot travel, or the size."""
    try:
        data = ValuePacker().packed(value)
    except NotAValue:
        raise serialization_error(sentence_about(*(path_of_culprit(value) or ("value", value)))) from None
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


def decode_value(data):
    """The value of some bytes. Raises a BellowsError for what has no likeness in Python."""
    try:
        return Unpacker(data).read()
    except RecursionError:
        raise invalid_error("the value is nested too deeply for Python; pass a flatter one") from None


def decode_arguments(data):
    """The arguments of a call, which travel as an encoded list."""
    decoded = decode_value(data)
    return decoded if isinstance(decoded, list) else [decoded]

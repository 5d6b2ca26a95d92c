"""Errors with a code of Bellows, as opposed to whatever user code raises."""


class BellowsError(Exception):
    """`code` and `name` are those of the protocol's `errors.ts`; `details` is a dict of plain values."""

    def __init__(self, code, name, message, details=None):
        super().__init__(message)
        self.code, self.name, self.details = code, name, details

    def data(self):
        """As it travels."""
        details = {"details": self.details} if self.details else {}
        return {"code": self.code, "name": self.name, "message": str(self), **details}


def serialization_error(message):
    return BellowsError("SERIALIZATION", "SerializationError", message)


def invalid_error(message):
    return BellowsError("INVALID", "InvalidError", message)


def not_found_error(message):
    return BellowsError("NOT_FOUND", "NotFoundError", message)


def cancelled_error(message):
    return BellowsError("CANCELLED", "CancelledError", message)


def text_of(thrown):
    """Reading what was raised can raise again: its methods may do anything."""
    try:
        return str(thrown)
    except Exception:
        return "an exception whose text cannot be read"

"""`LIMITS` of the protocol, and of its errors."""

VALUE_BYTES = 16 * 1024 * 1024
LOG_LINE_CHARS = 16_384
MAX_CAUSES = 8
MAX_ERROR_CHARS = 100_000

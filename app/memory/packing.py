"""A config in an address: packed, and never unpacked to more than a config may have."""

import base64
import zlib

from attention.kv.read.config_json import LARGEST_FILE

LONGEST_CONFIG = 3000  # characters, packed


def pack(text: str) -> str:
    """As letters, digits, - and _."""
    return base64.urlsafe_b64encode(zlib.compress(text.encode("utf-8"), 9)).decode().rstrip("=")


def unpack(packed: str) -> str | None:
    """The text again; None where it is none. No more is unpacked than a config may have."""
    if len(packed) > LONGEST_CONFIG:
        return None
    try:
        data = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(data, LARGEST_FILE + 1)
        return text.decode("utf-8") if unpacker.eof and len(text) <= LARGEST_FILE else None
    except (ValueError, zlib.error):
        return None

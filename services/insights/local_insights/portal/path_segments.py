"""Any text as one segment of a path, and back.

Percent-encoding is not sufficient for ids: servers decode `%2F` before they match routes, browsers resolve `..`, and
the suffix `.json` is a part of the route. So letters, digits, `-` and `_` stay, and each byte of another character is
written as `~` and two hexadecimal digits, which no browser, proxy or server changes: `jobs/run.json` becomes
`jobs~2Frun~2Ejson`.

Reference:
    RFC 3986, section 2.3: `~` is an unreserved character.
"""

import re
import string

_PLAIN = frozenset((string.ascii_letters + string.digits + "-_").encode())
_ESCAPE = re.compile(rb"~([0-9A-F]{2})")


def encode_segment(text: str) -> str:
    """Return the text as a segment. A lone surrogate is encoded, too."""
    return "".join(chr(byte) if byte in _PLAIN else f"~{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


def decode_segment(segment: str) -> str:
    """Return the text of a segment. A segment that a person typed without the encoding is returned as it is."""
    content = segment.encode("utf-8", "surrogatepass")
    decoded = _ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), content)
    try:
        return decoded.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return segment

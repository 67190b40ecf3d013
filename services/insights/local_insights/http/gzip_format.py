"""Constants of the gzip format (RFC 1952), for request bodies, exports and imports."""

import zlib

GZIP_MAGIC = b"\x1f\x8b"
"""The first two bytes of every gzip member."""
GZIP_WBITS = 16 + zlib.MAX_WBITS
"""The `wbits` argument with which `zlib` reads and writes gzip members."""

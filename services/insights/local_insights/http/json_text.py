r"""JSON that is safe to print on a terminal, without loss.

Telemetry texts may have control characters and direction changes, with which a text on a terminal moves the cursor,
changes colours, or appears in another order than stored. Inside of JSON they can only be in texts, so a JSON escape
(`\u009b`) replaces each of them. JSON itself requires this for U+0000 to U+001F only.

Reference:
    "Trojan Source", CVE-2021-42574; ECMA-48, section 5.3: the C1 control set, in which U+009B begins control sequences.
"""

import json
import re

_UNPRINTABLE = re.compile(
    "[\x7f-\x9f"  # DEL and C1
    "\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # format and direction characters
    "\ud800-\udfff]"  # lone surrogates, which UTF-8 cannot encode
)


def json_bytes(content: object) -> bytes:
    """Return any JSON value as compact JSON in UTF-8.

    SDKs that cut a message in the middle of a surrogate pair send one half of it: it is escaped, too.

    Raises:
        ValueError: the content has a number that is not finite.
    """
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return escape_unprintable(text).encode()


def escape_unprintable(json_text: str) -> str:
    """Return the JSON text with escapes instead of unprintable characters."""
    if json_text.isascii() and "\x7f" not in json_text:
        return json_text
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", json_text)

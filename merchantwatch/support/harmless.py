r"""Text from files, escaped for display: control characters become ``\x1b``."""

import re

_SIGNS = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # terminals obey these; tabs and line ends are no harm
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"  # these turn or break what follows
    "\ud800-\udfff"  # bytes of names that are no UTF-8
)
_HARMFUL = re.compile(f"[{_SIGNS}]")
_SURROGATE_BYTES = range(0xDC80, 0xDD00)
_LAST_OF_TWO_DIGITS = 0xFF


def harmless(text: str) -> str:
    r"""Return a text with each sign that a terminal would obey, or that turns others, as ``\x1b``.

    Bytes of a name that is no UTF-8 are shown in the same way.
    """
    return _HARMFUL.sub(lambda found: _shown(ord(found[0])), text)


def harmless_value(value: object) -> object:
    """Return a value of a template likewise where it is a text, and no markup of ours."""
    return harmless(value) if type(value) is str else value  # markup is a kind of str


def _shown(sign: int) -> str:
    if sign in _SURROGATE_BYTES:
        sign -= 0xDC00
    return f"\\x{sign:02x}" if sign <= _LAST_OF_TWO_DIGITS else f"\\u{sign:04x}"


_HARMFUL_BYTES = re.compile(
    b"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbb\xbf"
)


def in_json(data: bytes) -> bytes:
    """Return JSON that means the same, with those of the same signs escaped that JSON allows."""
    return _HARMFUL_BYTES.sub(lambda found: f"\\u{ord(found[0].decode()):04x}".encode(), data)

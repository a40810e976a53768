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
    r"""Return a text with control and direction-changing characters escaped, as ``\x1b``.

    Bytes of a file name that is not UTF-8 are escaped, too.
    """
    return _HARMFUL.sub(lambda found: _shown(ord(found[0])), text)


def harmless_value(value: object) -> object:
    """Return a template's value escaped the same way if it is plain text; markup stays as it is."""
    # Not isinstance: Markup, which the templates made themselves, is a subclass of str.
    return harmless(value) if type(value) is str else value


def _shown(sign: int) -> str:
    # Python decodes byte 0xNN of such a name as the lone surrogate U+DCNN (PEP 383).
    if sign in _SURROGATE_BYTES:
        sign -= 0xDC00
    return f"\\x{sign:02x}" if sign <= _LAST_OF_TWO_DIGITS else f"\\u{sign:04x}"


# UTF-8 of _SIGNS without C0 controls and surrogates: JSON encoders have escaped or refused these.
_HARMFUL_BYTES = re.compile(
    b"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbb\xbf"
)


def in_json(data: bytes) -> bytes:
    """Return equivalent JSON in which the same characters are escaped."""
    return _HARMFUL_BYTES.sub(lambda found: f"\\u{ord(found[0].decode()):04x}".encode(), data)

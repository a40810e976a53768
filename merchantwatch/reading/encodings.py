"""The most plausible encoding of bytes: the one in which they read like a language.

That bytes can be decoded proves little: nearly any two bytes are a character of GB18030. So each
character has a cost in bits, higher for characters that are rarer in the encoding's language at
their place, and the cheapest reading wins. If even that costs too much, no encoding is right.
"""

import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from merchantwatch.reading.packed import Content

_MOST_LOOKED_AT = 1 << 14
"""How many bytes of lines that are not ASCII are enough to recognise an encoding."""

_BLOCK = 1 << 20
_MOST_A_CHARACTER = 13.0
"""The most bits per character beyond ASCII that a plausible text costs on average."""

_NEAR = 16.0
"""A reading that costs this many bits more than the cheapest is ruled out."""

_NO_CHANCE, _ASCII, _USUAL, _SELDOM, _FOREIGN, _NEVER = 2.0, 4.0, 8.0, 12.0, 19.0, 40.0
_SMALL, _LARGE, _ODD_CASE, _ALONE, _SIGN, _RARE_SIGN = 5.0, 7.0, 14.0, 12.0, 9.0, 16.0
_SIGNS = frozenset("“”‘’„‚«»–—…•€£¥®™°§·×№ ¡¿´")
_DAILY = {
    "gb18030": (0xB0, 0xD7, "gb2312"),
    "big5": (0xA4, 0xC6, "big5"),
    "cp932": (0x88, 0x97, "cp932"),
    "euc_jp": (0xB0, 0xCF, "euc_jp"),
    "cp949": (0xB0, 0xC8, "euc_kr"),
}
"""The first bytes of the characters in daily use: from, to, and the codec they are of."""

Script = Literal["han", "kana", "hangul", "latin", "cyrillic"]


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The text to expect in an encoding: its script, and the characters that are usual in it.

    ``like`` names an encoding with the same usual characters; those usual in the encoding
    ``seldom`` occur in this one too, but less often. ``abroad`` is its cost in bits where it is not
    one of the usual encodings of such exports.
    """

    script: Script
    usual: str = ""
    like: str = ""
    seldom: str = ""
    abroad: float = 0.0


@cache
def languages() -> dict[str, Language]:
    """Return the languages that encodings are used for."""
    file = resources.files("merchantwatch.reading").joinpath("encodings.toml")
    return msgspec.toml.decode(file.read_bytes(), type=dict[str, Language])


@cache
def _usual(encoding: str) -> frozenset[str]:
    language = languages()[encoding]
    return frozenset((languages()[language.like] if language.like else language).usual)


def likely(content: Content, encodings: Sequence[str], home: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the encodings in which a file reads like text, the likeliest first.

    ``home`` are those that such exports are mostly written in. UTF-8 could not decode the file: if
    it is the likeliest all the same, the file is damaged, and no encoding is returned.
    """
    return ranked(_beyond_ascii(content), encodings, home)


def ranked(
    lines: Sequence[bytes], encodings: Sequence[str], home: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the encodings in which lines of bytes read like text, the likeliest first."""
    costs = []
    for encoding in dict.fromkeys([*encodings, "utf-8"]):
        bits, plain, characters = _cost(lines, encoding)
        # An encoding that such exports are never written in must win clearly.
        bits += 0 if encoding in (*home, "utf-8") else languages()[encoding].abroad
        if encoding == "utf-8" or (characters and bits / characters <= _MOST_A_CHARACTER):
            costs.append((bits + plain, encoding))
    least, best = min(costs)
    # Several remain where they cost about the same: decoding all cells decides.
    near = (name for bits, name in sorted(costs) if bits <= least + _NEAR)
    return () if best == "utf-8" else tuple(name for name in near if name != "utf-8")


def _beyond_ascii(content: Content) -> list[bytes]:
    """Return the first lines that are not ASCII, each once."""
    found: dict[bytes, None] = {}
    left, rest = _MOST_LOOKED_AT, b""
    with content.open() as stream:
        while left > 0 and (block := stream.read(_BLOCK)):
            text, _, rest = (rest + block).rpartition(b"\n")
            rest = rest[-_BLOCK:]
            for line in () if text.isascii() else text.splitlines():
                if left > 0 and not line.isascii() and line not in found:
                    found[line[:left]] = None
                    left -= len(line)
    return [*found] if rest.isascii() or left <= 0 else [*found, rest[:left]]


def _cost(lines: Sequence[bytes], encoding: str) -> tuple[float, float, int]:
    """Return the bits that lines cost beyond ASCII and within it, and how many are beyond."""
    bits, plain, characters = 0.0, 0.0, 0
    for line in lines:
        text = line.decode(encoding, "replace")
        for at, sign in enumerate(text):
            if sign < "\x80":
                plain += _ASCII
                continue
            characters += 1
            bits += _bits(sign, text[at - 1 : at], text[at + 1 : at + 2], encoding)
    return bits, plain, characters


def _bits(sign: str, before: str, after: str, encoding: str) -> float:
    """Return the cost of a character between two others, in bits."""
    kind = unicodedata.category(sign)
    if kind[0] == "C" or sign == "\ufffd":
        return _NEVER
    if encoding == "utf-8":
        return _NO_CHANCE
    script = languages()[encoding].script
    if script in ("latin", "cyrillic"):
        return _of_an_alphabet(sign, before, after, encoding)
    if kind[0] != "L":
        return _SIGN if sign in _SIGNS or _is_wide(sign) else _RARE_SIGN
    script_of_sign = _script_of(sign)
    among = {_script_of(before), _script_of(after)} & {"han", "kana"}
    alone = script_of_sign == "han" and not among and (before + after).isalpha()
    return (_ALONE if alone else 0.0) + _of_signs(sign, script_of_sign, script, encoding)


def _of_signs(sign: str, of_sign: str, script: Script, encoding: str) -> float:
    """Return the cost of a Chinese, Japanese or Korean character in such an encoding, in bits."""
    if of_sign not in (script, "han") or (of_sign == "han" and script == "hangul"):
        return _FOREIGN
    if of_sign == "kana":
        return _SMALL if sign < "\uff00" else _USUAL
    if sign in _usual(encoding):
        return _USUAL
    seldom = sign in _usual(languages()[encoding].seldom or encoding)
    return _SELDOM if seldom or _is_daily(sign, encoding) else _FOREIGN


def _of_an_alphabet(sign: str, before: str, after: str, encoding: str) -> float:
    """Return what a letter or sign beyond ASCII costs in a text of letters."""
    if not sign.isalpha():
        return _SIGN if sign in _SIGNS else _RARE_SIGN
    neighbours = [one for one in (before, after) if one.isalpha()]
    if sign not in _usual(encoding):
        return _RARE_SIGN
    plain = any(one < "\x80" for one in neighbours)
    cyrillic = languages()[encoding].script == "cyrillic"
    if not neighbours or plain == cyrillic:
        return _ALONE  # among accents, or as the only one of its alphabet
    if sign.isupper():
        return _ODD_CASE if before.islower() else _LARGE
    return _ODD_CASE if before.isupper() and after.isupper() else _SMALL


def _script_of(sign: str) -> str:
    if "\u3040" <= sign <= "\u30ff" or "\uff66" <= sign <= "\uff9f":
        return "kana"
    if "\uac00" <= sign <= "\ud7a3":
        return "hangul"
    return "han" if "\u3400" <= sign <= "\u9fff" or sign in ("々", "〇") else ""


def _is_wide(sign: str) -> bool:
    return "\u3000" <= sign <= "\u303f" or "\uff00" <= sign <= "\uff60"


def _is_daily(sign: str, encoding: str) -> bool:
    """Say whether a character is of the half of its national standard that is in daily use."""
    first, last, codec = _DAILY[encoding]
    try:
        return first <= sign.encode(codec)[0] <= last
    except UnicodeEncodeError:
        return False

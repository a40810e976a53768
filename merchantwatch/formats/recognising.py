"""Recognition of a format by a file's headers, and the errors when none or several fit."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from merchantwatch.errors import InputError, NearFormat, UnrecognisedError, init_command
from merchantwatch.formats.model import Format, Part, Recognise
from merchantwatch.language.text import Text

MOST_NEAREST = 3
"""How many of the nearest formats an error names where none fits."""

_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_BREAK = re.compile(r"(?<=(.))[ \t]*[\r\n]+[ \t]*(?=(.))")
_AROUND_A_HEADER = " \t\r\n\"'=\u00a0\u3000“”‘’" + _INVISIBLE


@lru_cache(1 << 12)
def fold(header: str) -> str:
    """Return a header as formats write it: NFKC, without BOM, quotes, TABs and blanks around it.

    A header that is broken over several lines is joined, with a blank between Latin words.
    """
    folded = unicodedata.normalize("NFKC", header).strip(_AROUND_A_HEADER)
    return _BREAK.sub(_joined, folded) if "\n" in folded or "\r" in folded else folded


def _joined(around: re.Match[str]) -> str:
    # Chinese is written without blanks: 订单\n编号 is 订单编号.
    return " " if around[1].isascii() and around[2].isascii() else ""


def known_headers(form: Format) -> frozenset[str]:
    """Return the headers that a format reads."""
    hints = (header for hint in form.hints for header in hint.headers)
    items = form.items.headers if form.items else ()
    named = (spec for specs in form.columns.values() for spec in specs)
    fields = (spec.header if isinstance(spec, Part) else spec for spec in named)
    return frozenset(fields).union(hints, items)


def recognised(known: Sequence[Format], present: frozenset[str], label: str) -> Format:
    """Return the one format that fits a file's folded headers, or raise as ``recognise`` does."""
    fitting = [
        form for form in known if any(fingerprint.fits(present) for fingerprint in form.recognise)
    ]
    # No guess among several: each would read some columns as something else.
    if len(fitting) == 1:
        return fitting[0]
    raise _ambiguous(fitting, label) if fitting else _unknown(known, present, label)


def _ambiguous(fitting: Sequence[Format], label: str) -> InputError:
    names = [form.code for form in fitting]
    return InputError(
        f"{label}: its headers fit several formats ({', '.join(names)}); remove the columns that "
        "are not part of the export, or map it with --map",
        f"{label}：表头同时符合多种格式（{'、'.join(names)}）；请删除多余的列，或用 --map 指定各列",
    )


def _unknown(known: Sequence[Format], present: frozenset[str], label: str) -> UnrecognisedError:
    nearest = list(_nearest(known, present))[:MOST_NEAREST]
    near = [
        NearFormat(
            form.code, tuple(fingerprint.missing(present)), tuple(fingerprint.foreign(present))
        )
        for form, fingerprint in nearest
    ]
    en = "; ".join(f"{form.code} {lacks(form).en}" for form in near)
    zh = "；".join(f"{form.code} {lacks(form).zh}" for form in near)
    return UnrecognisedError(
        f"{label}: no known export has these headers ({en or 'none of them is in any'}); "
        "name its columns with --map FIELD=COLUMN or in merchantwatch.toml, which "
        f"'{init_command(label)}' writes",
        f"{label}：没有任何已知格式的表头与之相符（{zh or '没有一个表头见于已知格式'}）；"
        "请用 --map 字段=列名 或 merchantwatch.toml 指定各列，"
        f"“{init_command(label)}”可生成该文件",
        label,
        near,
    )


def _nearest(
    known: Sequence[Format], present: frozenset[str]
) -> Iterator[tuple[Format, Recognise]]:
    """Yield the formats that share a header with a file, the nearest first.

    Each comes with the fingerprint that is nearest to the file's headers.
    """
    near = []
    for form in known:
        # A format that shares no header is no help, however few headers its fingerprint lacks.
        shared = len(known_headers(form) & present)
        if shared and form.recognise:
            distances = [
                (_distance(fingerprint, present), fingerprint) for fingerprint in form.recognise
            ]
            distance, fingerprint = min(distances, key=lambda pair: pair[0])
            # The code breaks ties, so that an error is the same on each run.
            near.append((distance, -shared, form.code, form, fingerprint))
    for *_, form, fingerprint in sorted(near, key=lambda entry: entry[:3]):
        yield form, fingerprint


def _distance(fingerprint: Recognise, present: frozenset[str]) -> int:
    return len(fingerprint.missing(present)) + len(fingerprint.foreign(present))


def lacks(near: NearFormat) -> Text:
    """Return in words why a file does not have a format that it resembles."""
    parts = []
    if near.missing:
        en, zh = ", ".join(near.missing), "、".join(near.missing)
        parts.append(Text(zh=f"还缺 {zh}", en=f"would need {en}"))
    if near.foreign:
        en, zh = ", ".join(near.foreign), "、".join(near.foreign)
        parts.append(Text(zh=f"不应有 {zh}", en=f"never has {en}"))
    return Text(zh="，".join(p.zh for p in parts), en=", ".join(p.en for p in parts))

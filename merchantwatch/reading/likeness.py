"""Whether a cell looks like a time or an id: only then may reports show it.

A superfluous comma shifts a row, so that a person's name or number stands where a time is read.
"""

import re

from merchantwatch.language.text import Text

_WORDS = (
    "jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec|january|february|march|april|june|july|august|"
    "september|october|november|december|mon|tue|wed|thu|fri|sat|sun|am|pm|a\\.m\\.|p\\.m\\.|utc|gmt|[ecmpw][sde]?t|"
    "cet|cest|bst|jst|hkt|sgt|ict|wib|t|z|年|月|日|号|时|点|分|秒|上午|下午|中午|凌晨|早上|晚上|周[一二三四五六日]|"
    "星期[一二三四五六日天]"
)
_SIGNS = r"[\s:：./\-+,()']"
_TIME = re.compile(rf"(?:\d|{_SIGNS}|(?<![a-z])(?:{_WORDS})(?![a-z]))+", re.IGNORECASE)
_RUN = re.compile(r"(?<![\d.])\d+")
# A time as one number: a day, to the minute or second, or Excel's days.
_ALONE = re.compile(r"(?:19|20)\d{6}(?:\d{4}|\d{6})?|\d{5}(?:\.\d+)?|0+")
_LONGEST_RUN, _SHORT_RUN = 4, 2
_LONGEST_TIME = 48
_NUMBER = re.compile(r"[-\d.,eE+\s]*[eE]\+\d+[-\d.,;eE+\s]*")
_IDS = re.compile(
    r"[A-Za-z0-9_#.\-]*\d[A-Za-z0-9_#.\-]*(?:\s*[;,，；]\s*[A-Za-z0-9_#.\-]*\d[A-Za-z0-9_#.\-]*)*"
)

_KINDS = {"letters": ("文字", "letters"), "digits": ("数字", "digits"), "signs": ("符号", "signs")}


def looks_like_a_time(text: str) -> bool:
    """Say whether a text is composed like a time: digits, signs, words of months and hours."""
    # More than four digits in a row, or several runs of three or four, are rather a phone number.
    text = text.strip()
    if _ALONE.fullmatch(text):
        return True
    if len(text) > _LONGEST_TIME or _TIME.fullmatch(text) is None:
        return False
    runs = [len(run) for run in _RUN.findall(text)]
    long = sum(run > _SHORT_RUN for run in runs)
    return len(runs) > 1 and max(runs) <= _LONGEST_RUN and long <= 1 + (":" in text)


def looks_like_ids(text: str) -> bool:
    """Say whether a text is composed like ids: letters and digits together, or a long number."""
    text = text.strip()
    return bool(_NUMBER.fullmatch(text) or _IDS.fullmatch(text))


def looks_like_data(text: str) -> bool:
    """Say whether a text is a value and no header: a time, an address, digits beyond a few."""
    return looks_like_a_time(text) or "@" in text or re.search(r"\d{5}", text) is not None


def shown_of(text: str, *, is_time: bool) -> Text:
    """Return how a cell of a time or an id may be shown: as it is, or its kinds of characters."""
    if not text.strip() or (looks_like_a_time if is_time else looks_like_ids)(text):
        return Text.same(text)
    zh, en = zip(*(_KINDS[kind] for kind in dict.fromkeys(map(_kind, text.strip()))), strict=True)
    n = len(text)
    return Text(
        zh=f"（{n} 个字符：{'、'.join(zh)}；不显示）",
        en=f"({n} character{'s' * (n > 1)}: {', '.join(en)}; not shown)",
    )


def _kind(sign: str) -> str:
    return "letters" if sign.isalpha() else "digits" if sign.isdigit() else "signs"

"""Text in the two languages that users read."""

import msgspec

from merchantwatch.language.plurals import agreeing


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sentence in Chinese and in English."""

    zh: str
    en: str

    @classmethod
    def same(cls, text: str) -> "Text":
        """Return a text that is the same in both: a name, a number, a moment."""
        return cls(zh=text, en=text)

    def of(self, lang: str) -> str:
        """Return the text in ``lang`` (``zh`` or ``en``)."""
        return self.zh if lang == "zh" else self.en

    def fill(self, **values: object) -> "Text":
        """Return both texts with ``{name}`` placeholders filled in.

        Only plain names are replaced, so that a text from a user's pack can reach no attribute. The
        English one may have forms that agree with a count, as ``plurals`` writes them.
        """
        zh, en = self.zh, self.en
        for name, value in values.items():
            slot = "{" + name + "}"
            shown = value if isinstance(value, Text) else Text.same(str(value))
            zh = zh.replace(slot, shown.zh)
            count = value if isinstance(value, int) else shown.en
            en = agreeing(en, name, count).replace(slot, shown.en)
        return Text(zh=zh, en=en)

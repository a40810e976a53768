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

        The English text may have word forms that agree with a count, as ``plurals`` defines them.
        """
        # Not str.format: a text of a user's pack could reach attributes by {name.__class__}.
        zh, en = self.zh, self.en
        for name, value in values.items():
            slot = "{" + name + "}"
            shown = value if isinstance(value, Text) else Text.same(str(value))
            zh = zh.replace(slot, shown.zh)
            # A formatted count such as "1" or "2,000" decides the form as well.
            count = value if isinstance(value, int) else shown.en
            en = agreeing(en, name, count).replace(slot, shown.en)
        return Text(zh=zh, en=en)

"""The formats, listed: what each is of, and the headers by which it is recognised."""

from collections.abc import Iterator, Sequence

from merchantwatch.formats import Format, FormatKind, Part, Recognise
from merchantwatch.language.text import Text

KINDS: dict[FormatKind, Text] = {
    "orders": Text(zh="订单行", en="order lines"),
    "parcels": Text(zh="包裹", en="parcels"),
    "cases": Text(zh="售后单", en="after-sales cases"),
}
"""The meaning of a row of an export, by the kind of the export."""


def formats(known: Sequence[Format], lang: str) -> str:
    """Return the formats, and the headers by which each is recognised."""
    return "\n".join(line for form in known for line in _format_lines(form, lang)) + "\n"


def _format_lines(form: Format, lang: str) -> Iterator[str]:
    yield f"{form.code}  {form.title.of(lang)}"
    yield f"  {form.platform}, {KINDS[form.kind].of(lang)}, {_versions(form, lang)}"
    yield f"  {form.where.of(lang)}"
    for one in form.recognise:
        yield f"  = {fingerprint(one)}"
        if one.none:
            yield f"  ≠ {', '.join(one.none)}"
    for field, specs in form.columns.items():
        headers = [f"{s.header}*" if isinstance(s, Part) else s for s in specs]
        yield f"    {field:<19}{', '.join(headers)}"
    for field, value in form.always.items():
        yield f"    {field:<19}= {value}"
    for item in form.derived:
        yield f"    {item.field:<19}← {item.words_of}"
    if form.limits:
        yield f"  {form.limits.of(lang)}"
    yield ""


def _versions(form: Format, lang: str) -> str:
    names = ", ".join(version.name for version in form.versions)
    versions = Text(zh=f"版本 {names}", en=f"versions {names}")
    return f"{versions.of(lang)}, {form.confidence}"


def fingerprint(one: Recognise) -> str:
    """Return the headers that a file must have: ``a + (b | c)``."""
    needed = [*one.all, *(" | ".join(names) for names in one.any)]
    # Brackets only around alternatives, as in arithmetic.
    return " + ".join(f"({name})" if " | " in name else name for name in needed)

"""The texts that describe one input."""

from merchantwatch.formats import MAPPED
from merchantwatch.language.text import Text
from merchantwatch.results.checks import CheckedInput
from merchantwatch.results.inputs import InputFile
from merchantwatch.results.wording import clock

MOST_UNUSED = 5

_WORDS = {
    "typed": Text(zh="无（列自带类型）", en="none: the columns have types of their own"),
    "no_version": Text(zh="未见过的表头版本", en="a header list that was not seen before"),
    "no_shop": Text(
        zh="未知；可用 --shop 或 [[shops]] 指明", en="unknown: name it with --shop or [[shops]]"
    ),
    "no_time": Text(zh="未知，按最新处理", en="unknown: taken as the newest"),
    "nothing": Text(zh="无", en="none"),
    "file name": Text(zh="据文件名", en="by the file's name"),
    "modification time": Text(zh="据文件修改时间", en="by the file's modification time"),
    "pattern": Text(zh="据 [[shops]]", en="by [[shops]]"),
    "setting": Text(zh="据 --shop", en="by --shop"),
}


def format_of(item: CheckedInput) -> Text:
    """Return what it is, and which version."""
    named = Text(zh="{code}，{title}", en="{code}, {title}").fill(
        code=item.form.code, title=item.form.title
    )
    if item.form.code == MAPPED:
        return named
    if item.version is None:
        version = Text(zh="，{n} 列，{no}", en=", {n|column}, {no}")
        more = version.fill(n=item.headers, no=_WORDS["no_version"])
    else:
        more = Text(
            zh=f"，版本 {item.version.name}（{item.version.when}）",
            en=f", version {item.version.name} ({item.version.when})",
        )
    return Text(zh=named.zh + more.zh, en=named.en + more.en)


def encoding(item: CheckedInput) -> Text:
    """Return its encoding and why."""
    encoding = item.file.encoding
    if encoding is None:
        return _WORDS["typed"]
    if item.encoding_why is None:
        return Text.same(encoding)
    return Text(zh="{e}：{why}", en="{e}: {why}").fill(e=encoding, why=item.encoding_why)


def rows(item: CheckedInput) -> Text:
    """Return its rows and what became of them."""
    parts = [Text(zh=f"{item.file.rows:,}", en=f"{item.file.rows:,}")]
    if item.file.quarantined:
        n = f"{item.file.quarantined:,}"
        parts.append(Text(zh=f"其中 {n} 行读不懂", en=f"{n} of them not understood"))
    if item.file.no_records:
        n = f"{item.file.no_records:,}"
        parts.append(Text(zh=f"另有 {n} 行不是记录", en=f"{n} more that are no records"))
    if item.superseded:
        n = f"{item.superseded:,}"
        parts.append(
            Text(zh=f"{n} 行在较新的导出中另有", en=f"{n} replaced by newer or later rows")
        )
    return Text(zh="，".join(p.zh for p in parts), en=", ".join(p.en for p in parts))


def shop(item: CheckedInput) -> Text:
    """Return the shop of an input, and where it is known from."""
    column = dict(item.columns).get("shop")
    origins = []
    if column:
        origins.append(Text(zh=f"据“{column}”列", en=f"by the column {column}"))
    if item.file.shop:
        origin = _WORDS[item.file.shop_from or "setting"]
        text = Text(zh="{shop}（{origin}）", en="{shop} ({origin})")
        origins.append(text.fill(shop=item.file.shop, origin=origin))
    if not origins:
        return _WORDS["no_shop"]
    return Text(
        zh="，为空时 ".join(t.zh for t in origins),
        en="; where it is empty ".join(t.en for t in origins),
    )


def exported(file: InputFile) -> Text:
    """Return when it was made and how that is known."""
    if file.exported_at is None:
        return _WORDS["no_time"]
    origin = _WORDS[file.exported_at_from or "modification time"]
    text = Text(zh="{at}（{origin}）", en="{at} ({origin})")
    return text.fill(at=clock(file.exported_at), origin=origin)


def unused(item: CheckedInput) -> Text:
    """Return the headers that no field uses."""
    if not item.unused:
        return _WORDS["nothing"]
    more = len(item.unused) > MOST_UNUSED
    # An empty header is shown as "", as a gap between commas would not be seen.
    shown = [header or '""' for header in item.unused[:MOST_UNUSED]]
    n = f"{len(item.unused):,}"
    return Text(
        zh=f"{n} 列：{'、'.join(shown)}{' ……' if more else ''}",
        en=f"{n}: {', '.join(shown)}{' …' if more else ''}",
    )

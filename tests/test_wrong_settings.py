"""What merchantwatch.toml says wrongly is named by its place, in both languages, with what may stand there."""

import pytest

from merchantwatch.config import mapping, read
from merchantwatch.errors import UsageError
from merchantwatch.language.suggestions import meant


def refused(tmp_path, data):
    """Return the messages on a file, English first, without the file's name."""
    path = tmp_path / "merchantwatch.toml"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    with pytest.raises(UsageError) as error:
        read(path)
    return [
        message.removeprefix(str(path)).lstrip("：: ")
        for message in (error.value.en, error.value.zh)
    ]


CHANNEL = '[[notify.channels]]\nname = "a"\nurl = "env:A"\n'


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        ('platfrom = "x"', "platfrom is not known here; did you mean platform?", "没有 platfrom 这一项，是否想写 platform？"),
        ("[qqq]", "qqq is not known here", "没有 qqq 这一项"),
        ("[plan]\nqqq = 1", "plan: qqq is not known here; there are products, shops", "plan：没有 qqq 这一项；可用的有 products, shops"),
        ('[history]\npth = "x"', "history: pth is not known here; did you mean path?", "history：没有 pth 这一项，是否想写 path？"),
        (CHANNEL * 2 + 'stats = ["opened"]', "notify.channels[2]: stats is not known here; did you mean states?", "notify.channels[2]：没有 stats 这一项，是否想写 states？"),
        ('[[notify.channels]]\nname = "a"', "notify.channels[1]: url is missing", "notify.channels[1]：缺少 url"),
        (CHANNEL + 'states = ["opened", "close"]', "notify.channels[1].states[2]: 'close' is not one of 'closed', 'opened', 'worsened'; did you mean closed?", "notify.channels[1].states[2]：'close' 不在 'closed', 'opened', 'worsened' 之中，是否想写 closed？"),
        ("tz = 5", "tz: give text, not a whole number", "tz：应为文字，不是整数"),
        ('select = "DY1"', "select: give a list, not text", "select：应为列表，不是文字"),
        ("max_bad_rows = 0.5", "max_bad_rows: give a whole number or text, not a number", "max_bad_rows：应为整数或文字，不是数字"),
        ("history = true", "history: give a table, not true or false", "history：应为表，不是true 或 false"),
        ('[plan.products]\na = "x"', "plan.products[...]: give a sum of money", "plan.products[...]：应为金额"),
        ('[history]\npath = ""', "history.path: its length must be >= 1", "history.path：长度应为 >= 1"),
        ('[heartbeat]\nurl = "x"', "heartbeat.url: it is not written like ^env:[A-Za-z_][A-Za-z0-9_]*$", "heartbeat.url：不符合 ^env:[A-Za-z_][A-Za-z0-9_]*$ 的写法"),
        ("tz = ", "Invalid value (at end of document)", "Invalid value (at end of document)"),
        ("\ntz = \n", "Invalid value (at line 2, column 6)", "第 2 行第 6 列不是有效的 TOML"),
        (b'tz = "\xff"', "it is no UTF-8 text; save it as UTF-8", "不是 UTF-8 文本，请另存为 UTF-8"),
        ('[notify]\nquiet = "22"', "notify: quiet under [notify] is written like 22:00-08:00", "notify：quiet under [notify] is written like 22:00-08:00"),
        ('[[shops]]\nmatch = "."\nname = "a"', "shops[1]: empty pattern", "shops[1]：empty pattern"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named_with_what_may_stand_there(tmp_path, text, en, zh):
    assert refused(tmp_path, text) == [en, zh]


def test_a_wrong_way_to_write_cells_is_named_too():
    with pytest.raises(UsageError, match=r"\[map\]: decimal: ';' is not one of '', ',', '\.'"):
        mapping({"decimal": ";"}, None)


@pytest.mark.parametrize(
    ("written", "known", "right"),
    [
        ("DY1O1", ["DY101", "DY111", "DY311"], "DY101"),
        ("DYl11", ["DY101", "DY111", "DY311"], "DY111"),
        ("dy103x", ["DY102", "DY103", "DY104"], "DY103"),
        ("douyn", ["amazon", "douyin"], "douyin"),
        ("xx", ["DY101"], None),
    ],
)
def test_of_similar_names_that_is_meant_whose_signs_are_in_place(written, known, right):
    hint = meant(written, known).en
    assert hint == (f"; did you mean {right}?" if right else "")

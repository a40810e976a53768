"""What is shown of a cell that cannot be read: only what looks like what its column holds."""

import pytest
from conftest import AS_OF, DOUYIN, LATE, douyin

from merchantwatch.reading.likeness import looks_like_a_time, looks_like_ids, shown_of

NAME = "NAME-OF-THE-RECEIVER"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21 08:00:00", "2026/11/21", "41:01.0", "8:00", "46346.5", "46346", "20261118",
        "20261118123000", "Nov 16, 2026, 09:00 am PST(UTC-8)", "2026-11-18T10:00:00.123456+08:00",
        "2026-11-18 10:00:00 +0800", "2026年11月18日 上午9:00", "31/12/2026 23:59:59", "2-Jun-06",
        "11/16/2026 9:30:33 AM", "2026-13-45 99:99:99", "16 Nov 2026 09:00", "1999-01-01",
    ],
)  # fmt: skip
def test_times(text):
    assert looks_like_a_time(text)
    assert shown_of(text, is_time=True).en == text


@pytest.mark.parametrize(
    "text",
    [
        NAME, "张三", "x", "13812345678", "138-1234-5678", "+86 138 1234 5678", "0571-88886666",
        "0571-8888-6666", "6222 0202 0000 1234", "Room 3-401", "浙江省杭州市", "May", "mary may",
        "310000", "330106199001011234", "a@b.cn", "1" * 50,
    ],
)  # fmt: skip
def test_what_is_no_time(text):
    assert not looks_like_a_time(text)
    assert text not in shown_of(text, is_time=True).en + shown_of(text, is_time=True).zh


@pytest.mark.parametrize(
    "text", ["6.9E+18", "M1;M2", "690000000000000000", "-1.5e+20", "7E+18, 6E+18"]
)
def test_ids(text):
    assert looks_like_ids(text)


@pytest.mark.parametrize("text", ["张三;李四", NAME, "a b 1", "杭州 1 号"])
def test_what_is_no_id(text):
    assert not looks_like_ids(text)


def test_what_is_not_shown_is_described():
    assert (
        shown_of("张三 138", is_time=True).en == "(6 characters: letters, signs, digits; not shown)"
    )
    assert shown_of("张", is_time=True).zh == "（1 个字符：文字；不显示）"
    assert shown_of("", is_time=False).en == ""


@pytest.mark.parametrize("field", ["支付完成时间", "承诺发货时间", "发货时间"])
def test_a_shifted_row_shows_no_name_anywhere(field, run, tmp_path):
    """A comma too many has moved a name under a time; the row has as many cells as the header."""
    names = list(DOUYIN)
    before = names.index(field)
    names.insert(before, "收件人")
    lines = [",".join(names)]
    for number, row in enumerate(douyin(LATE, LATE, LATE)):
        cells = [row.get(name, NAME) for name in names]
        if number == 1:
            cells = [*cells[:before], "a", *cells[before:-1]]
        lines.append(",".join(cells))
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n", "utf-8")
    outputs = ["text:t.txt", "json:j.json", "html:h.html", "csv:c.csv", "quarantine:q.csv"]
    done = run("scan", "a.csv", "--as-of", AS_OF, "-v", *[f"-o{output}" for output in outputs])
    checked = run("check", "a.csv", "-o", "json")
    found = [done.stdout, done.stderr, checked.stdout, checked.stderr]
    found += [(tmp_path / output.split(":")[1]).read_text("utf-8") for output in outputs]
    assert not any(NAME in text for text in found)
    assert f'"a.csv",3,"{field}"'.replace('"', "") in (tmp_path / "q.csv").read_text("utf-8-sig")
    assert "1 of 3 rows" in done.stderr

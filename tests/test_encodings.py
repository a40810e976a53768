"""Which encoding and which delimiter a file is in: recognised by its header's words, proved by decoding."""

import csv
import random

import pytest
from conftest import AS_OF, LATE, douyin, write_csv

import merchantwatch as mw
from merchantwatch.reading import encodings, headers, open_csv
from merchantwatch.reading.encodings import ranked
from merchantwatch.reading.packed import Content

pytestmark = pytest.mark.looks_at("DY100", "AM101")

TRADITIONAL = {"line_id": "訂單編號", "paid_at": "付款時間", "shipped_at": "出貨時間", "product_name": "商品名稱"}  # fmt: skip
PLAIN = {"line_id": "id", "paid_at": "paid", "shipped_at": "sent", "product_name": "what"}
ROWS = [
    ["1", "2026-11-01 08:00:00", "", "羊毛圍巾"],
    ["2", "2026-11-01 08:00:00", "", "襪子，許功蓋"],
]


def _write(path, columns, encoding, rows=ROWS, delimiter=","):
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(columns.values())
        writer.writerows(rows)
    return path


def _input(report):
    (read,) = report.to_dict()["inputs"]
    return read["encoding"], read["encoding_from"]


@pytest.mark.parametrize(
    ("encoding", "read", "reason"),
    [
        ("utf-8", "utf-8", "strict decoding"),
        ("utf-8-sig", "utf-8-sig", "byte order mark"),
        ("utf-16", "utf-16", "byte order mark"),
        ("gb18030", "gb18030", "header words"),
        ("gbk", "gb18030", "header words"),
        ("gb2312", "gb18030", "header words"),
    ],
)
def test_the_encoding_of_a_known_format_and_how_it_is_known(encoding, read, reason, scan, tmp_path):
    report = scan(write_csv(tmp_path / "a.csv", douyin(LATE), encoding))
    assert _input(report) == (read, reason)
    assert report.hits("DY100")["product_name"].tolist() == ["样品"]


@pytest.mark.parametrize("encoding", ["big5", "gb18030", "utf-8"])
def test_the_words_of_a_mapping_tell_the_encoding(encoding, scan, tmp_path):
    report = scan(_write(tmp_path / "a.csv", TRADITIONAL, encoding), map=TRADITIONAL)
    reason = "strict decoding" if encoding == "utf-8" else "header words"
    assert _input(report) == (encoding, reason)
    assert report.hits("DY100").sort_values("line_id")["product_name"].tolist() == [
        "羊毛圍巾",
        "襪子，許功蓋",
    ]
    assert not [n for n in report.to_dict()["notes"] if n["code"] == "encoding-assumed"]


def test_a_header_that_tells_nothing_leaves_a_doubt_that_is_noted(scan, tmp_path):
    report = scan(_write(tmp_path / "a.csv", PLAIN, "gb18030"), map=PLAIN)
    assert _input(report) == ("gb18030", "likeliest text")
    (note,) = [n for n in report.to_dict()["notes"] if n["code"] == "encoding-assumed"]
    assert note["lines"] == 2
    assert "GB18030" in note["text"]


def test_a_header_of_plain_english_makes_no_file_chinese(scan, tmp_path):
    rows = [["1", "2026-11-01 08:00:00", "", "café noir"]]
    report = scan(_write(tmp_path / "a.csv", PLAIN, "cp1252", rows), map=PLAIN)
    assert _input(report) == ("cp1252", "likeliest text")
    assert report.hits("DY100")["product_name"].tolist() == ["café noir"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_one_bad_byte_anywhere_is_found(encoding, place, tmp_path):
    """Of a header that is known no other encoding makes the same words: so nothing is guessed."""
    rows = douyin(*[LATE] * 3000)
    at = {"first": 0, "middle": 1500, "last": 2999}[place]
    rows[at]["选购商品"] = "MARK"
    path = write_csv(tmp_path / "a.csv", rows, encoding)
    path.write_bytes(path.read_bytes().replace(b"MARK", b"\xff\xff"))
    with pytest.raises(mw.InputError, match=rf"\(line {at + 2:,}\) is no {encoding.upper()} text"):
        mw.scan(path, as_of=AS_OF)


@pytest.mark.parametrize(("column", "read"), [("选购商品", True), ("买家留言", False)])
def test_only_what_is_read_need_be_text(column, read, scan, tmp_path):
    path = write_csv(tmp_path / "a.csv", douyin(LATE, LATE | {column: "羊毛"}), "gb18030")
    whole = path.read_bytes()
    at = whole.index("羊毛".encode("gb18030"))
    path.write_bytes(whole[:at] + b"\xff\xff" + whole[at + 2 :])
    if read:
        with pytest.raises(mw.InputError, match=f"byte {at:,}"):
            scan(path)
    else:
        assert len(scan(path).hits("DY100")) == 2


def test_where_the_header_leaves_a_doubt_all_of_a_file_is_decoded(scan, tmp_path):
    columns = PLAIN | {"line_id": "id"}
    path = _write(tmp_path / "a.csv", columns | {"": "unread"}, "utf-8", [[*ROWS[0], "羊毛"]])
    path.write_bytes(path.read_bytes() + b"\xff\xff,,,,\n")
    with pytest.raises(mw.InputError, match="UTF-8"):
        scan(path, map=PLAIN)


def test_words_that_mean_nothing_mean_it_in_every_encoding(scan, tmp_path):
    rows = douyin(LATE | {"售后状态": "无"}, LATE | {"售后状态": "-"})
    for encoding in ("utf-8", "gb18030", "gb2312"):
        report = scan(write_csv(tmp_path / "a.csv", rows, encoding))
        assert not [n for n in report.to_dict()["notes"] if n["code"] == "unknown-word"]


@pytest.mark.parametrize("delimiter", headers.DELIMITERS)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_delimiters_are_recognised_by_the_headers_words(delimiter, encoding, scan, tmp_path):
    rows = [{**row, "选购商品": f"样品{delimiter}一,二;三|四\t五"} for row in douyin(LATE)]
    path = tmp_path / "a.txt"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    assert scan(path).hits("DY100")["product_name"].tolist() == [rows[0]["选购商品"]]


def test_a_header_with_other_delimiters_within_its_cells(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('主订单编号;"子订单编号";"a,b,c,d,e,f";订单提交时间\n1;2;3;4\n', "utf-8")
    assert open_csv(path, "").header.delimiter == ";"
    assert len(open_csv(path, "").headers) == 4


def test_every_reading_of_a_header_is_tried_however_it_is_drawn(tmp_path):
    """Known headers in any encoding that can hold them are read as they were written."""
    dice = random.Random(0)
    known = sorted(headers.vocabulary())
    for encoding in ("utf-8", "gb18030", "utf-16"):
        for delimiter in headers.DELIMITERS:
            cells = [c for c in dice.sample(known, 12) if delimiter not in c]
            path = tmp_path / "a.csv"
            path.write_text(delimiter.join(cells) + "\n", encoding)
            found = headers.read_header(Content(path, "a.csv"), headers.vocabulary())
            assert (list(found.cells), found.delimiter) == (cells, delimiter)


TEXTS = {
    "gb18030": ["羊毛围巾 加厚款", "儿童保温杯 500ml", "iPhone15手机壳 透明", "四川省成都市武侯区", "懒人沙发"],
    "big5": ["羊毛圍巾", "台北市信義區", "藍牙耳機", "純棉T恤 男 XL", "手機殼 iPhone15", "襪子，許功蓋"],
    "cp932": ["歯ブラシ 6本", "やわらかい ブラシ", "東京都", "ワイヤレスイヤホン", "お茶 500ml", "ﾄｳｷｮｳ ﾔﾏﾀﾞ"],
    "euc_jp": ["歯ブラシ 6本", "大阪府大阪市北区", "収納ボックス", "トイレットペーパー 12ロール", "お茶"],
    "cp949": ["어린이 칫솔 8개", "무선 이어폰", "서울특별시 강남구", "남성 티셔츠 XL", "겨울 양말 세트"],
    "cp1252": ["schwarze Stühle, groß", "café noir", "Écharpe en laine", "niño", "Mañana – 20 €"],
    "latin1": ["schwarze Stühle, groß", "café noir", "Écharpe en laine", "niño", "Mañana"],
    "cp1251": ["Шарф шерстяной", "Детская щётка", "Чехол для телефона", "НАУШНИКИ", "размер XL"],
}  # fmt: skip
AMAZON = {
    "order-id": "111-1", "order-item-id": "1", "purchase-date": "2026-11-18T03:00:00+00:00",
    "payments-date": "2026-11-18T03:00:00+00:00", "promise-date": "2026-11-20T01:00:00+00:00",
    "days-past-promise": "1", "sku": "S", "product-name": "", "quantity-purchased": "1",
}  # fmt: skip


def _amazon(path, texts, encoding, filler=0):
    """An Amazon report of these products, after a number of plain names."""
    rows = [
        AMAZON | {"order-id": f"111-{at}", "order-item-id": str(at), "product-name": text}
        for at, text in enumerate(["plain"] * filler + texts)
    ]
    lines = ["\t".join(row.values()) for row in [dict(zip(AMAZON, AMAZON, strict=True)), *rows]]
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


@pytest.mark.parametrize("filler", [0, 3000])
@pytest.mark.parametrize("encoding", TEXTS)
def test_text_under_a_plain_header_is_read_as_it_was_written(encoding, filler, scan, tmp_path):
    texts = TEXTS[encoding]
    report = scan(_amazon(tmp_path / "a.txt", texts, encoding, filler), select="AM101")
    read = set(report.hits("AM101")["product_name"]) - {"plain"}
    assert read == set(texts)
    (note,) = [n for n in report.to_dict()["notes"] if n["code"] == "encoding-assumed"]
    assert _input(report)[0].upper() in note["text"]


def test_any_few_texts_tell_their_encoding():
    dice = random.Random(0)
    others = tuple(name for name in TEXTS if name != "latin1")
    for encoding, texts in TEXTS.items():
        for _ in range(20):
            lines = [text.encode(encoding) for text in dice.sample(texts, 3)]
            found = ranked(lines, others)[0]
            assert {found: [line.decode(found) for line in lines]} == {
                found: [line.decode(encoding) for line in lines]
            }


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_wide_text_needs_no_mark(encoding, scan, tmp_path):
    report = scan(_amazon(tmp_path / "a.txt", TEXTS["cp932"], encoding), select="AM101")
    assert set(report.hits("AM101")["product_name"]) == set(TEXTS["cp932"])
    assert _input(report)[0] == encoding


@pytest.mark.parametrize("bad", [b"\xff", b"\xe4", b"\x80", b"\xe5\x9b"])
def test_utf8_with_a_bad_byte_is_read_as_nothing_else(bad, tmp_path):
    path = _amazon(tmp_path / "a.txt", ["羊毛围巾", "café", "Шарф", "x"], "utf-8")
    path.write_bytes(path.read_bytes().replace(b"\tx\t", b"\tx" + bad + b" y\t"))
    with pytest.raises(mw.InputError, match=r"\(line 5\) is no UTF-8 text"):
        mw.scan(path, as_of=AS_OF)


def test_bytes_that_read_like_no_text_are_refused(tmp_path):
    path = _amazon(tmp_path / "a.txt", ["x"], "utf-8")
    path.write_bytes(path.read_bytes().replace(b"\tx\t", b"\t\xff\xfe\x81\xf5\t"))
    with pytest.raises(mw.InputError, match="UTF-8"):
        mw.scan(path, as_of=AS_OF)


def test_a_bad_byte_in_another_encoding_makes_it_no_third_one(tmp_path):
    path = _amazon(tmp_path / "a.txt", TEXTS["gb18030"] * 40 + ["x"], "gb18030")
    path.write_bytes(path.read_bytes().replace(b"\tx\t", b"\t\xff\xff\t"))
    with pytest.raises(mw.InputError, match=r"\(line 202\) is no GB18030 text"):
        mw.scan(path, as_of=AS_OF)


def test_a_header_with_letters_of_its_own_is_read_in_the_encoding_of_its_text(scan, tmp_path):
    columns = PLAIN | {"": "Größe"}
    rows = [["1", "2026-11-01 08:00:00", "", "Jürgen Stuhl", "groß"]]
    report = scan(_write(tmp_path / "a.csv", columns, "cp1252", rows), map=PLAIN)
    assert _input(report) == ("cp1252", "likeliest text")
    assert report.hits("DY100")["product_name"].tolist() == ["Jürgen Stuhl"]


@pytest.mark.parametrize(
    ("costs", "found"),
    [
        # What costs the same is ordered by its name, in whatever order they are given.
        ({"big5": 9.0, "gb18030": 9.0}, ("big5", "gb18030")),
        ({"gb18030": 9.0, "big5": 9.0}, ("big5", "gb18030")),
        ({"big5": 9.5, "gb18030": 9.0}, ("gb18030", "big5")),
        # A plausible text costs 13 bits a character at most.
        ({"big5": 13.0, "gb18030": 13.01}, ("big5",)),
        ({"big5": 13.01}, ()),
        # As cheap as UTF-8: one that is no UTF-8 is looked at first only by its name.
        ({"big5": 2.0, "utf-8": 2.0}, ("big5",)),
        ({"big5": 2.1, "utf-8": 2.0}, ()),
    ],
)
def test_a_tie_of_two_encodings_is_decided_alike(costs, found, monkeypatch):
    monkeypatch.setattr(encodings, "_cost", lambda _, name: (costs.get(name, 99.0), 0.0, 1))
    names = [name for name in costs if name != "utf-8"]
    assert ranked([b"?"], names, home=names) == found


@pytest.mark.parametrize(("more", "near"), [(15.9, True), (16.0, True), (16.1, False)])
def test_what_costs_sixteen_bits_more_was_not_meant(more, near, monkeypatch):
    costs = {"big5": 1000.0, "gb18030": 1000.0 + more, "utf-8": 9999.0}
    monkeypatch.setattr(encodings, "_cost", lambda _, name: (costs[name], 0.0, 100))
    found = ranked([b"?"], ["gb18030", "big5"], home=["gb18030", "big5"])
    assert found == (("big5", "gb18030") if near else ("big5",))

"""The words of the platforms: one dictionary for all exports, compared without case and width."""

import csv
import tomllib
import unicodedata

import pytest
from conftest import ROOT, write_csv

from merchantwatch.fields import WORDS
from merchantwatch.formats import dictionary, formats, known_words, plain
from merchantwatch.pipeline.words import implied_by_words

pytestmark = pytest.mark.looks_at("DY100", "IR101", "IR108", "IR111")
KUAISHOU = ROOT / "tests" / "formats" / "kuaishou-orders" / "61" / "export.csv"


def _kuaishou(tmp_path, field, words):
    """Write an export of Kuaishou with one line for each word of a column."""
    with KUAISHOU.open(encoding="gb18030", newline="") as file:
        row = next(csv.DictReader(file))
    rows = [{**row, "订单号": f"253{at:010}", field: word} for at, word in enumerate(words)]
    return write_csv(tmp_path / "a.csv", rows)


def _unknown(report):
    return [note for note in report.to_dict()["notes"] if note["code"].startswith("unknown-")]


@pytest.mark.parametrize(("header", "field"), [("订单状态", "status"), ("售后状态", "case_status")])
def test_a_word_known_for_one_platform_is_known_for_all(header, field, scan, tmp_path):
    words = dictionary()[field].words
    assert len(words) > 90
    assert set(words.values()) == set(WORDS[field])
    report = scan(_kuaishou(tmp_path, header, words), as_of="2026-11-21")
    assert _unknown(report) == []
    assert report.to_dict()["accounting"]["lines"] == len(words)


SPELLED = [
    ("TO SHIP", True),
    ("to  ship", True),
    ("Ｔｏ　ｓｈｉｐ", True),
    ("To\u00a0ship", True),
    ("Đã hoàn tất", True),
    (unicodedata.normalize("NFD", "Đã hoàn tất"), True),
    ("đã Hoàn tất", True),
    ("买家已付款,等待卖家发货", True),
    ("买家已付款， 等待卖家发货", True),
    ("等供销商｜外仓发货", True),
    ("To shipp", False),
    ("To-ship", False),
    ("␟", False),
    ("", True),
]


def test_words_are_compared_without_case_blanks_and_width(scan, tmp_path):
    path = _kuaishou(tmp_path, "订单状态", [written for written, _ in SPELLED])
    (note,) = _unknown(scan(path, as_of="2026-11-21"))
    unknown = [written for written, known in SPELLED if not known]
    assert note["lines"] == len(unknown)
    assert all(f"{written} (1)" in note["text"] for written in unknown)


@pytest.mark.parametrize("header", ["订单状态", "售后状态"])
def test_the_words_that_occur_mean_what_they_mean_among_all(header, scan, tmp_path, monkeypatch):
    """Of a column with few words a query asks for these alone, of another for all that are known."""
    words = [
        "待发货",
        "商家拒绝",
        "退货后拒绝退款",
        "待买家退货",
        *(written for written, _ in SPELLED),
    ]
    path = _kuaishou(tmp_path, header, words)
    found = scan(path, as_of="2026-11-21").to_dict()
    monkeypatch.setattr("merchantwatch.reading.profile._MOST_WORDS", 0)
    assert scan(path, as_of="2026-11-21").to_dict() == found


def test_what_a_word_implies_is_known_for_all():
    """A refusal that another platform words so is one, though this export's own words say no."""
    form = next(form for form in formats() if form.code == "douyin-orders")
    (item,) = [item for item in form.derived if item.field == "refused"]
    implied = implied_by_words(item, form)
    assert "商家拒绝" not in item.words
    assert plain("商家拒绝") in implied["others"]["words"].split("␟")
    assert dict(implied["words"])["'待退货'"] == implied["rest"] == "false"


def test_a_format_goes_before_the_dictionary():
    for form in formats():
        for field, words in form.words.items():
            known = known_words(field, words)
            assert {word: known[plain(word)] for word in words} == words, form.code
    tiktok = next(form for form in formats() if form.code == "tiktok-orders")
    assert tiktok.words["status"]["Delivered"] == "shipped"
    assert known_words("status", {})["delivered"] == "completed"


def test_no_format_repeats_what_the_dictionary_says():
    """A word stands once: in the dictionary, or with a meaning of its own in a format."""
    files = sorted((ROOT / "merchantwatch" / "formats").glob("*.toml"))
    for file in files:
        words_of_format = tomllib.loads(file.read_text(encoding="utf-8")).get("words", {})
        for field, words in words_of_format.items():
            everywhere = known_words(field, {})
            assert [w for w, meaning in words.items() if everywhere.get(plain(w)) == meaning] == []


def test_words_of_a_mapping_go_before_all(scan, tmp_path):
    path = write_csv(
        tmp_path / "a.csv",
        [
            {"id": "1", "state": "Delivered", "paid": "2026-11-10 08:00:00", "sent": ""},
            {"id": "2", "state": "待发货", "paid": "2026-11-10 08:00:00", "sent": ""},
            {"id": "3", "state": "unheard of", "paid": "2026-11-10 08:00:00", "sent": ""},
        ],
    )
    columns = {"line_id": "id", "status": "state", "paid_at": "paid", "shipped_at": "sent"}
    words = {"status": {"delivered": "closed"}}
    report = scan(path, as_of="2026-11-21", map=columns, words=words)
    (note,) = _unknown(report)
    assert "unheard of (1)" in note["text"]
    assert report.hits("DY100")["line_id"].tolist() == ["2"]

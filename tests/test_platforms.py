"""Whose rules judge a mapped file of unnamed platform, and that each face says so."""

import json

import pytest
from conftest import write_csv
from python_calamine import CalamineWorkbook

ROW = {"no": "A", "paid": "2026-11-01 08:00:00", "due": "2026-11-03 08:00:00", "sent": ""}
MAPPING = ["order_id=no", "paid_at=paid", "promised_ship_at=due", "shipped_at=sent"]
MAP = [part for one in MAPPING for part in ("--map", one)]
NOTE = {
    "en": "judged by Douyin's rules; if it is another, name it with --platform",
    "zh": "按抖店规则判定",
}


def _plain(text):
    """Text without its line breaks, as it reads."""
    return " ".join(text.split())


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("named", [None, "tmall"])
def test_every_face_says_so_in_its_head(named, lang, run, tmp_path):
    path = write_csv(tmp_path / "orders.csv", [ROW])
    options = [*MAP, "--lang", lang, *(["--platform", named] if named else [])]
    scan = [
        "scan",
        path,
        "--as-of",
        "2026-11-21",
        *options,
        "-o",
        "text",
        "-o",
        "html:r.html",
        "-o",
        "json:r.json",
        "-o",
        "md:r.md",
        "-o",
        "xlsx:r.xlsx",
    ]
    faces = [
        _plain(run(*scan).stdout)[:600],
        _plain((tmp_path / "r.html").read_text("utf-8").split("<header>")[1].split("<table")[0].replace("&#39;", "'")),
        _plain((tmp_path / "r.md").read_text("utf-8"))[:600],
        str(CalamineWorkbook.from_path(tmp_path / "r.xlsx").get_sheet_by_index(0).to_python()[:3]),
        _plain(run("check", path, *options).stdout)[:400],
        _plain(run("why", "A", path, "--as-of", "2026-11-21", *options).stdout)[:300],
    ]  # fmt: skip
    message = NOTE[lang].replace(" ", "") if lang == "zh" else NOTE[lang]
    for face in faces:
        assert ((message in face) or (message in face.replace(" ", ""))) == (named is None), face
    notes = json.loads((tmp_path / "r.json").read_text("utf-8"))["notes"]
    found = [note["lines"] for note in notes if note["code"] == "platform-assumed"]
    assert found == ([] if named else [1])


def test_a_known_format_assumes_nothing(scan, export):
    notes = [note["code"] for note in scan(export({})).to_dict()["notes"]]
    assert "platform-assumed" not in notes


def test_so_does_python(scan, tmp_path):
    path = write_csv(tmp_path / "orders.csv", [ROW])
    mapping = dict(one.split("=") for one in MAPPING)
    report = scan(path, map=mapping)
    notes = {note["code"] for note in report.to_dict()["notes"]}
    assert "platform-assumed" in notes
    assert "name it with --platform" in report._repr_html_()

"""The HTML report: what its first screen says, one file that asks for nothing over the network, and no more."""

import os
import re
from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from html.parser import HTMLParser
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from conftest import AS_OF, LATE, SAMPLE, SHORT, douyin, write_csv

import merchantwatch as mw
from merchantwatch.reports import html
from merchantwatch.reports.html.words import words
from merchantwatch.reports.limits import near_limits
from merchantwatch.rules import SEVERITIES

pytestmark = pytest.mark.xdist_group("html report")  # one process scans what most look at

EVIL = "<script>alert(1)</script><b onclick=x>“=1+1”\u202e👨‍👩‍👧" + "长" * 10_000


class _Read(HTMLParser):
    """A page as elements with their attributes, and as the text that one language shows."""

    VOID = frozenset({"meta", "input", "col", "br", "link"})

    def __init__(self, page, lang="en"):
        super().__init__()
        self.lang, self.open, self.elements, self.parts = lang, [], [], []
        self.feed(page)
        self.text = " ".join("".join(self.parts).split())

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag, (tag, self.getpos())

    def handle_data(self, data):
        hidden = any(
            tag in ("style", "script")
            or ("lang" in of and tag == "span" and of["lang"] != self.lang)
            for tag, of in self.open
        )
        self.parts.append("" if hidden else data)

    def all(self, tag, name):
        return [of[name] for kind, of in self.elements if kind == tag and name in of]


def _first_screen(page):
    return page.partition("<body>")[2].partition('<h2 id="work"')[0]


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The page of the sample's four shops, and what the JSON report says of the same run."""
    report = mw.scan(sorted(SAMPLE.glob("*.csv")), as_of=AS_OF)
    path = report.write(tmp_path_factory.mktemp("page") / "r.html")
    return SimpleNamespace(page=path.read_text("utf-8"), result=report.to_dict())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_first_screen_says_what_to_do_first_in_full_words(sample, lang):
    text = _Read(_first_screen(sample.page), lang).text
    cards = re.split(r"(?=otherwise |否则 )", text)
    assert len(cards) > 3
    for task in sample.result["tasks"][:3]:
        assert f"{task['product_name']} ×{task['quantity']}" in text
        assert task["text"][lang].split(" ")[0] in text, "the act"
        assert (task["order_id"] or str(len(task["lines"]))) in text
        assert {"zh": "抖店", "en": "Douyin"}[lang] in text, "the shop"
        assert f"¥{task['money_to_save']}" in text
    assert {"zh": "尽快", "en": "soon"}[lang] in text, "the time that is left"
    totals = sample.result["totals"]
    assert f"¥{totals['money_lost']}" in text
    assert f"¥{totals['money_to_save']}" in text
    for n in (*totals["by_owner"].values(), *totals["by_severity"].values()):
        assert f" {n} " in f"{text} "
    expected = {
        "zh": "否则: 1 × 平台有权下架该商品",
        "en": "otherwise: 1 × the platform may take the product down",
    }
    assert expected[lang] in text
    assert {"zh": "距下一个无法挽回的时刻", "en": "Next irreversible moment"}[lang] in text


def test_each_order_stands_once_in_the_list_of_a_kind_and_sums_are_those_of_the_json(sample):
    page, totals = _Read(sample.page), sample.result["totals"]
    rows = [name for name in page.all("tr", "id") if name.startswith("task=")]
    assert sorted(rows) == sorted(f"task={task['id']}" for task in sample.result["tasks"])
    for name, total in (("data-save", "money_to_save"), ("data-lost", "money_lost")):
        added = sum(round(float(value) * 100) for value in page.all("tr", name))
        over = round(float(totals["money_lost_over"]) * 100) if name == "data-lost" else 0
        assert added + over == round(float(totals[total]) * 100)
    lists = re.findall(r'data-owner="([\w-]+)">(.*?)</section>', sample.page, re.DOTALL)
    assert {owner: part.count('<tr id="task=') for owner, part in lists} == totals["by_owner"]


def test_a_star_tells_numbers_that_are_not_the_platforms_own(sample):
    sources = {rule["code"]: rule["source"]["confidence"] for rule in sample.result["rules"]}
    lists = "<h2" + sample.page.partition('<h2 id="work"')[2].partition("<h2")[0]
    shown = set(re.findall(r"\b[A-Z]{2}\d{3}\*?", _Read(lists).text))
    codes = {code for task in sample.result["tasks"] for code in task["rules"]}
    starred = {f"{code}*" for code in codes if sources[code] != "official"}
    assert starred
    assert {code for code in shown if code.endswith("*")} == starred
    assert {code for code in codes if sources[code] == "official"} <= shown
    assert "* its number is not" in _Read(lists).text


def test_every_link_leads_somewhere_in_the_page(sample):
    page = _Read(sample.page)
    ids = [of["id"] for _, of in page.elements if "id" in of]
    assert len(ids) == len(set(ids))
    links = {unquote(link) for link in page.all("a", "href")}
    assert links <= {f"#{name}" for name in ids}
    assert {"#severity=critical", "#owner=warehouse", "#unseen"} <= links


def test_one_file_that_only_runs_what_is_its_own(sample):
    page = _Read(sample.page)
    (policy,) = [of["content"] for _, of in page.elements if "http-equiv" in of]
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", sample.page, re.DOTALL)
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    for outside in ("http://", "https://", "src=", "@import", "url(", "xlink"):
        assert outside not in sample.page
    for _, of in page.elements:
        assert not [name for name in of if name.startswith("on") or name == "style"]
        assert of.get("href", "#").startswith("#")


def test_words_of_files_stay_words(scan, tmp_path):
    row = {**LATE, "选购商品": EVIL, "商品ID": EVIL[:40], "主订单编号": "6" * 40}
    report = scan(write_csv(tmp_path / "orders.csv", douyin(row)), shop='<i>"a b&#x27;')
    path = report.write(tmp_path / "r.html")
    page = path.read_text("utf-8")
    assert page.count("<script>") == 1
    assert "<b onclick" not in page
    assert "<i>" not in page
    assert "\u202e" not in page
    assert "👨‍👩‍👧" in page
    assert page.count("长") < 2_000
    _Read(page)


@pytest.mark.parametrize("rows", [0, 1, 160])
def test_lists_are_cut_and_say_so(scan, tmp_path, rows):
    lines = douyin(*[{**LATE, "商品ID": str(n)} for n in range(html.MOST_TASKS - 1 + rows)])
    report = scan(write_csv(tmp_path / "orders.csv", lines), select=["DY100"])
    path = report.write(tmp_path / "r.html")
    page = _Read(path.read_text("utf-8"))
    assert len([i for i in page.all("tr", "id") if i.startswith("task=")]) == min(
        html.MOST_TASKS, len(lines)
    )
    more = len(lines) - html.MOST_TASKS
    assert (f"{more} more: see -o tasks-csv" in page.text) == (more > 0)
    assert path.stat().st_size < 700_000


@pytest.mark.parametrize(("owners", "each"), [(0, 150), (1, 150), (2, 150), (3, 100), (5, 60)])
def test_however_many_owners_there_are_the_page_shows_no_more_tasks(owners, each):
    assert html.most_tasks(owners) == each


@pytest.mark.parametrize(
    ("open_lines", "expected"),
    [
        (0, "1 more and the limit is reached"),
        (1, "do this one and it is safe: it stays at 2 at most"),
        (3, "do these 3 and it is safe: it stays at 2 at most"),
    ],
)
def test_a_product_near_its_limit_says_what_saves_it(scan, tmp_path, open_lines, expected):
    late = {"发货时间": "2026-11-20 09:00:00"}
    due = {**LATE, "承诺发货时间": "2026-11-21 05:00:00"}
    rows = douyin(late, late, *[due] * open_lines)
    report = scan(write_csv(tmp_path / "orders.csv", rows), select=["DY100", "DY101"])
    ((near,), _) = near_limits(report.results, 5)
    assert near.saves.en == expected
    assert len(near.first) == open_lines
    assert near.can_be_saved == bool(open_lines)
    page = report.write(tmp_path / "r.html").read_text("utf-8")
    assert expected in _Read(page).text
    assert ('id="deadlines"' in page) == bool(open_lines)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (8, "3 more and the limit is reached; do this one and it comes to 0"),
        (10, "1 more and the limit is reached; do this one and it comes to 0"),
        (11, "do this one and it is below the limit again"),
    ],
)
def test_a_product_without_stock_says_how_far_it_is(scan, tmp_path, lines, expected):
    report = scan(write_csv(tmp_path / "a.csv", douyin(*[SHORT] * lines)), select=["DY201"])
    ((near,), _) = near_limits(report.results, 5)
    assert near.saves.en == expected


@pytest.mark.parametrize(("hours", "old"), [(5, False), (6, False), (7, True)])
def test_old_data_is_shown_in_red(scan, tmp_path, hours, old):
    path = write_csv(tmp_path / "orders.csv", douyin(LATE))
    exported = datetime(2026, 11, 20, 24 - hours, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
    os.utime(path, (exported, exported))
    report = scan(path)
    page = report.write(tmp_path / "r.html").read_text("utf-8")
    assert ('<p class="data red">' in page) == old


def test_an_input_that_cannot_be_read_is_shown_first_and_in_red(scan, tmp_path):
    good = write_csv(tmp_path / "orders.csv", douyin({}))
    (tmp_path / "bad.xlsx").write_bytes(b"no workbook")
    with pytest.warns(mw.IncompleteWarning):
        report = scan(good, tmp_path / "bad.xlsx", select=["DY100"])
    page = _first_screen(report.write(tmp_path / "r.html").read_text("utf-8"))
    assert '<p class="data red">' in page
    assert page.index("bad.xlsx") < page.index('<section class="verdict')
    assert '<section class="verdict amber"' in page


def test_shops_are_named_and_counted_where_there_are_several(scan, tmp_path, sample):
    page = _Read(_first_screen(sample.page), "zh").text
    assert "天猫 样例家居旗舰店 4" in page
    one = scan(write_csv(tmp_path / "a.csv", douyin(LATE)), shop="一号店").write(
        tmp_path / "r.html"
    )
    screen = _Read(_first_screen(one.read_text("utf-8")), "zh").text
    assert "抖店 一号店" in screen
    assert "各店铺" not in screen


def test_two_runs_write_the_same_page(sample, tmp_path):
    again = mw.scan(sorted(SAMPLE.glob("*.csv")), as_of=AS_OF).write(tmp_path / "r.html")
    assert again.read_text("utf-8") == sample.page


def test_words_are_in_both_languages_and_all_are_used():
    folder = Path(html.__file__).parent
    used = "".join(
        file.read_text("utf-8") for file in folder.iterdir() if file.suffix in (".jinja", ".py")
    )
    computed = {*SEVERITIES, "breached", "near"}
    computed |= {"official", "reprinted", "seed", "measured", "assumed"}
    computed |= {"evaluated", "not_evaluated", "not_applicable"}
    computed |= {"trend_tasks", "trend_breached", "trend_near"}
    for name, text in words().items():
        assert text.zh
        assert text.en
        assert name in computed or re.search(rf'words\.{name}\b|"{name}"', used), name


def test_a_picture_hides_no_package_from_others(scan, tmp_path):
    """What draws brings a finder along that takes over from Python's own: it has to stay."""
    scan(write_csv(tmp_path / "a.csv", douyin(LATE))).write(tmp_path / "r.html")
    assert version("pyarrow")


def test_the_blocks_of_comparisons_and_reasons_stand_in_both_languages(scan, tmp_path):
    sent = {"订单状态": "已发货", "发货时间": "2026-11-17 08:00:00"}
    orders = write_csv(tmp_path / "o.csv", douyin(*[sent] * 80))
    ids = [str(6900000000000000001 + n) for n in range(80)]
    parcels = [
        {"订单号": line, "运单号": f"YT{line[-4:]}", "物流公司": "圆通" if n < 40 else "中通",
         "发货时间": "2026-11-17 08:00:00", "揽收时间": "" if n < 20 else "2026-11-17 20:00:00"}
        for n, line in enumerate(ids)
    ]  # fmt: skip
    cases = [
        {"售后单号": line, "订单号": line, "商品单号": line, "售后状态": "待商家处理", "售后原因": why,
         "售后申请时间": "2026-11-20 08:00:00", "自动处理截止时间": "2026-11-22 08:00:00"}
        for line, why in zip(ids, ["未收到货", "未收到货", "质量问题"], strict=False)
    ]  # fmt: skip
    files = [write_csv(tmp_path / "p.csv", parcels), write_csv(tmp_path / "c.csv", cases)]
    scan(orders, *files).write(tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text("utf-8")
    for lang, message in (
        ("en", ["圆通", "call: worse than the shop's other parcels", "20 2", "not received 2"]),
        ("zh", ["圆通", "找他：明显差于本店其他包裹", "未收到货 2"]),
    ):
        text = re.sub(r"\s+", " ", _Read(page, lang).text)
        assert all(part in text for part in message[:2]), lang
        assert text.count(message[-1].rpartition(" ")[0]) >= 2
    pictures = re.findall(r'<svg viewBox[^>]*class="chart".*?</svg>', page, re.DOTALL)
    assert len(pictures) == page.count('class="chart" aria-hidden="true"') >= 3
    assert not any(re.search("style=|script|href", picture) for picture in pictures)

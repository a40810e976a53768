"""The HTML report in a real browser, headless Chromium: by hand, by keyboard, on a phone, on paper.

Where there is no browser these are skipped with the reason; with ``CI`` set they must run.
"""

import os
import re
import shutil
from contextlib import contextmanager
from datetime import datetime
from importlib.util import find_spec
from urllib.parse import quote, unquote

import pytest
from conftest import AS_OF, LATE, SAMPLE, douyin, write_csv
from msgspec.structs import replace

import merchantwatch as mw
from merchantwatch import reports
from merchantwatch.language.text import Text
from merchantwatch.results.past import Passed, Past, Point, Standing
from merchantwatch.tasks import task_fingerprint

try:
    from playwright.sync_api import expect
except ImportError:
    expect = None

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MISSING = [
    *([] if CHROMIUM else ["chromium (apt-get install chromium fonts-noto-cjk)"]),
    *(name for name in ("playwright", "axe_playwright_python") if find_spec(name) is None),
]
pytestmark = pytest.mark.skipif(
    bool(MISSING) and not os.environ.get("CI"), reason=f"missing: {', '.join(MISSING)}"
)

NOW = "2026-11-20T16:00:00Z"  # AS_OF, in Shanghai
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
EVIL = "<script>window.ran=1</script><img src=x onerror=window.ran=1>“=1+1”" + "长" * 10_000


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    assert not MISSING
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture(scope="module")
def report():
    return mw.scan(sorted(SAMPLE.glob("*.csv")), as_of=AS_OF, lang="en")


@pytest.fixture(scope="module")
def tasks(report):
    return report.to_dict()["tasks"]


@pytest.fixture(scope="module")
def url(report, tmp_path_factory):
    return report.write(tmp_path_factory.mktemp("page") / "r.html").as_uri()


@pytest.fixture(scope="module")
def nightly(tmp_path_factory):
    """A page with what changed since the last run, and with what is suppressed."""
    folder = tmp_path_factory.mktemp("nightly")
    ignored = folder / "ignore.toml"
    entries = ('rule = "DY201"', 'carrier = "圆通速递"', 'order = "nobody"')
    ignored.write_text("".join(f'[[ignore]]\n{e}\nreason = "{EVIL[:60]}"\nuntil = 2026-12-31\n' for e in entries).replace("“=1+1”", ""), "utf-8")  # fmt: skip
    found = mw.scan(sorted(SAMPLE.glob("*.csv")), as_of=AS_OF, lang="en", ignore_file=ignored)
    results, then = found.results, datetime(2026, 11, 20)
    standings = {
        task_fingerprint(task): Standing("new" if n % 2 else "worsened", 1 + n % 3, then)
        for n, task in enumerate(results.work.tasks)
    }
    text = Text(zh=f"订单 {EVIL}", en=f"order {EVIL}")
    passed = tuple(
        Passed("task", "ship", "douyin", None, "order", str(n), Standing(how, 1, then), how, text)
        for n, how in enumerate(("resolved", "gone", "unknown") * 20)
    )
    counts = dict.fromkeys(("new", "worsened"), len(standings) // 2)
    counts |= dict.fromkeys(("resolved", "gone", "unknown"), 20)
    trend = tuple(Point(then, n, 2 * n, 300 - n) for n in range(30))
    past = Past(2, 1, then, {"tasks": counts, "findings": counts}, standings, passed, trend=trend)
    page = folder / "r.html"
    reports.write(replace(results, past=past), "html", page)
    return page.as_uri()


@pytest.fixture
def opened(browser, url):
    """Open the page; nothing is written to the console, nothing goes wrong, and nothing else is requested."""

    @contextmanager
    def open_it(at="", now=NOW, viewport=WIDE, address=None, **options):
        context = browser.new_context(viewport=viewport, **options)
        page, problems = context.new_page(), []
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", lambda dialog: problems.append(dialog.message))
        page.on("request", lambda request: problems.append(request.url))
        if options.get("java_script_enabled", True):
            page.clock.set_fixed_time(now)
        page.goto((address or url) + at)
        yield page
        context.close()
        assert [line for line in problems if line != (address or url)] == []

    return open_it


def _shown(page):
    return page.locator("table.tasks tbody tr:visible")


def _ids(page):
    return [row.get_attribute("id").removeprefix("task=") for row in _shown(page).all()]


def test_search_filter_and_links_show_what_fits(opened, tasks):
    with opened() as page:
        assert sorted(_ids(page)) == sorted(task["id"] for task in tasks)
        page.fill("input[name=search]", "羊毛围巾 发货")
        assert _shown(page).count() == 2
        assert page.inner_text("#shown") == f"2 of {len(tasks)} shown"
        product = next(task["product_id"] for task in tasks if task["order_id"])
        page.fill("input[name=search]", product)
        assert set(_ids(page)) == {t["id"] for t in tasks if t["product_id"] == product}
        page.fill("input[name=search]", "no such thing")
        assert _shown(page).count() == 0
        assert page.locator("#none-shown").is_visible()
        page.click("#tools button[type=reset]")
        expect(page.locator("#shown")).to_have_text(f"{len(tasks)} of {len(tasks)} shown")
        assert _shown(page).count() == len(tasks)
        page.select_option("select[name=owner]", "merchandising")
        page.select_option("select[name=severity]", "critical")
        wanted = {("merchandising", "critical")}
        assert {(t["owner"], t["severity"]) for t in tasks if t["id"] in _ids(page)} == wanted
        page.click(".counts a[href='#owner=operations']")
        expect(page.locator("[name=owner]")).to_have_value("operations")
        assert len(_ids(page)) == sum(task["owner"] == "operations" for task in tasks)
        page.click(".counts a[href^='#shop=tmall']")
        expect(page.locator("[name=shop]")).to_have_value(re.compile("tmall"))
        assert {id_.split(":")[1] for id_ in _ids(page)} == {"tmall"}


@pytest.mark.parametrize("place", [0, -1])
def test_a_link_to_a_task_shows_it(opened, tasks, place):
    task = tasks[place]["id"]
    with opened(f"#task={quote(task)}") as page:
        row = page.locator("tr.target")
        assert row.get_attribute("id") == f"task={task}"
        assert page.evaluate("document.activeElement.id") == f"task={task}"
        assert 0 <= row.bounding_box()["y"] < WIDE["height"]


def test_columns_sort_by_mouse_and_by_keyboard(opened, tasks):
    saved = {task["id"]: float(task["money_to_save"]) for task in tasks}
    with opened() as page:
        page.select_option("select[name=owner]", "warehouse")
        head = page.locator("[data-owner=warehouse] th[data-sort=money]")
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == "ascending"
        found = [saved[id_] for id_ in _ids(page)]
        assert found == sorted(found)
        head.locator("button").press("Enter")
        assert head.get_attribute("aria-sort") == "descending"
        assert [saved[id_] for id_ in _ids(page)] == sorted(found, reverse=True)
        page.locator("[data-owner=warehouse] th[data-sort=left] button").press(" ")
        assert head.get_attribute("aria-sort") is None
        due = {task["id"]: task["due_at"] or "9" for task in tasks}
        assert [due[id_] for id_ in _ids(page)] == sorted(due[id_] for id_ in _ids(page))


@pytest.mark.parametrize("clipboard", ["granted", "missing"])
def test_copies_the_ids_of_what_is_shown(opened, tasks, clipboard):
    with opened(permissions=["clipboard-read", "clipboard-write"]) as page:
        if clipboard == "missing":
            page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
        page.select_option("select[name=owner]", "merchandising")
        page.click("#copy")
        wanted = [id_ for t in tasks if t["owner"] == "merchandising" for id_ in t["order_ids"]]
        expect(page.locator("#copied")).to_have_text(f"{len(set(wanted))} copied")
        copied = page.evaluate("navigator.clipboard.readText()").split()
        assert sorted(copied) == sorted(set(wanted))


def test_language_and_colours_switch_by_keyboard(opened):
    with opened(color_scheme="light") as page:
        assert page.inner_text("h1") == "Compliance risk report"
        page.focus("#pick-en")
        page.keyboard.press("ArrowUp")
        assert page.inner_text("h1") == "合规风险报告"
        assert page.get_attribute("html", "lang") == "zh-CN"
        assert page.inner_text("select[name=severity] option[value=high]") == "高"
        ground = "getComputedStyle(document.querySelector('.page')).backgroundColor"
        light = page.evaluate(ground)
        page.keyboard.press("Tab")
        page.keyboard.press(" ")
        dark = page.evaluate(ground)
        assert dark != light
        page.emulate_media(color_scheme="dark")
        assert page.evaluate(ground) == light
        page.keyboard.press(" ")
        assert page.evaluate(ground) == dark


def test_all_is_reached_by_keyboard(opened):
    with opened() as page:
        for _ in range(3):  # language, colours, then the link that skips the first screen
            page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("#work$"))
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.name") == "search"
        page.keyboard.type("帆布包")
        assert 0 < _shown(page).count() < 10
        page.keyboard.press("Escape")
        expect(page.locator("input[name=search]")).to_have_value("")
        expect(page.locator("#shown")).to_have_text(re.compile(r"^(\d+) of \1 "))
        assert _shown(page).count() > 10


@pytest.mark.parametrize(
    ("viewport", "lowest"), [(WIDE, ".unknown"), (PHONE, ".counts")], ids=["1280", "390"]
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_first_screen_is_one_screen(opened, viewport, lowest, lang):
    with opened(viewport=viewport) as page:
        page.click(f"label[for=pick-{lang}]")
        box = page.locator(lowest).bounding_box()
        assert box["y"] + box["height"] <= viewport["height"]
        assert page.locator(".urgent li").count() == 3
        for selector in (".verdict", ".moment:not([hidden]) .countdown", ".urgent li:last-child"):
            box = page.locator(selector).bounding_box()
            assert 0 < box["y"] + box["height"] <= viewport["height"]
        assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]


def test_time_runs_while_it_is_open_and_says_when_it_is_old(opened):
    with opened() as page:
        left, shown = page.locator(".urgent time").first, page.locator(".moment:visible")
        first = shown.inner_text()
        expect(shown.locator(".countdown")).to_have_text("0秒0 s")
        assert page.locator("#aged").is_hidden()
        # Its whole second is on time; then it is over, and what is next is counted down to.
        page.clock.set_fixed_time("2026-11-20T16:00:00.900Z")
        expect(left).to_have_text("0秒0 s")
        assert shown.inner_text() == first
        page.clock.set_fixed_time("2026-11-20T16:00:01Z")
        expect(left).to_have_text("已过 1秒over for 1 s")
        expect(shown.locator(".countdown")).to_have_text("6小时00分6 h 00 min")
        assert shown.count() == 1
        page.clock.set_fixed_time("2026-11-20T19:00:00Z")
        expect(left).to_have_text("已过 3小时00分over for 3 h 00 min")
        expect(shown.locator(".countdown")).to_have_text("3小时00分3 h 00 min")
        page.clock.set_fixed_time("2026-11-20T23:00:00Z")
        expect(page.locator("#aged")).to_be_visible()
        aged = page.inner_text("#aged").replace("\u00a0", " ")
        assert aged == "This report was judged 7 h 00 min ago: scan again"
    with opened(now="2026-11-25T16:00:00Z") as page:
        expect(page.locator(".moment:visible .countdown")).to_have_text("0秒0 s")
        aged = page.inner_text("#aged").replace("\u00a0", " ")
        assert "5 d 0 h ago: times left are as of then" in aged


def test_it_prints_unfolded_on_white(opened):
    with opened(color_scheme="dark") as page:
        assert page.locator("details:not([open])").count() > 0
        page.emulate_media(media="print")
        ground = "getComputedStyle(document.querySelector('.page')).backgroundColor"
        assert page.evaluate(ground) == "rgb(255, 255, 255)"
        assert page.locator("#tools").is_hidden()
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator("details:not([open])").count() == 0
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("details:not([open])").count() > 0
        assert page.pdf(format="A4").startswith(b"%PDF")


def test_it_reads_without_script(opened, tasks):
    with opened(java_script_enabled=False) as page:
        assert _shown(page).count() == len(tasks)
        assert page.locator("#tools").is_hidden()
        page.click("label[for=pick-zh]")
        assert page.inner_text("h1") == "合规风险报告"
        assert page.locator(".moment:visible .countdown").inner_text() == "0秒"


def test_words_of_files_run_nowhere(opened, tmp_path):
    row = {**LATE, "选购商品": EVIL, "商品ID": EVIL[:60], "主订单编号": "7" * 32}
    path = write_csv(tmp_path / "orders.csv", douyin(row, {**row, "子订单编号": "8" * 200}))
    report = mw.scan(path, as_of=AS_OF, shop="<b>'\" &amp;")
    address = report.write(tmp_path / "r.html").as_uri()
    for viewport in (WIDE, PHONE):
        with opened(address=address, viewport=viewport) as page:
            assert page.evaluate("window.ran") is None
            assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
            assert "<script>" in page.inner_text(".urgent")


def test_pictures_are_read_on_a_phone(opened):
    with opened(viewport=PHONE) as page:
        for picture in page.locator(".picture").all():
            picture.focus()
            signs = picture.locator("text").first.bounding_box()
            assert signs["height"] >= 9
            assert picture.evaluate("box => box.scrollWidth > box.clientWidth")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_what_changed_links_to_the_work_and_has_room_on_a_phone(opened, nightly):
    with opened(address=nightly, viewport=PHONE) as page:
        page.evaluate("document.querySelectorAll('#since details, #suppressions ~ section details').forEach(d => { d.open = true; })")  # fmt: skip
        assert page.evaluate("window.ran") is None
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        link = page.locator("#since a").first
        place = link.get_attribute("href")
        link.click()
        assert page.url.endswith(place)
        row = page.locator(f"[id='{unquote(place[1:])}']")
        expect(row).to_be_visible()
        assert page.locator("#since summary").count() == 5
        assert page.locator("#since svg polyline").count() == 3
    with opened(address=nightly, java_script_enabled=False) as page:
        page.click("label[for=pick-zh]")
        assert page.locator("#since").inner_text().startswith("较上次运行")
        page.click("a[href='#suppressions']")
        assert "已忽略" in page.locator("#suppressions + section").inner_text()


@pytest.mark.parametrize("night", [False, True], ids=["alone", "nightly"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened, nightly, scheme, night):
    from axe_playwright_python.sync_playwright import Axe

    with opened(color_scheme=scheme, address=nightly if night else None) as page:
        only = {"resultTypes": ["violations"]}
        if scheme == "light":
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        else:
            only["runOnly"] = ["color-contrast"]
        found = Axe().run(page, options=only).response["violations"]
        violations = [
            (v["id"], v["impact"], [n["html"][:200] for n in v["nodes"][:3]]) for v in found
        ]
        assert violations == []

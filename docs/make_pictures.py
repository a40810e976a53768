"""Take the README's pictures of the sample's report: ``python docs/make_pictures.py``."""

import os
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import sync_playwright

import merchantwatch as mw

ROOT = Path(__file__).parent.parent
AS_OF = datetime(2026, 11, 21, tzinfo=ZoneInfo("Asia/Shanghai"))
EXPORTED = AS_OF - timedelta(minutes=30)
SIZE = {"width": 1280, "height": 800}


def main() -> None:
    """Write a picture of the first screen in each language, as it looks at as-of."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = _report(Path(folder)).as_uri()
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for lang in ("zh", "en"):
            tab = browser.new_page(viewport=SIZE)
            tab.clock.set_fixed_time(AS_OF)
            tab.goto(page)
            tab.click(f"label[for=pick-{lang}]")
            tab.screenshot(path=ROOT / "docs" / f"report-{lang}.png")


def _report(folder: Path) -> Path:
    """Judge the sample, its files as old as such exports are, and write the page."""
    files = []
    for name in ("orders.csv", "parcels.csv"):
        files.append(Path(shutil.copy(ROOT / "sample_data" / name, folder)))
        os.utime(files[-1], (EXPORTED.timestamp(),) * 2)
    report = mw.scan(files, as_of=f"{AS_OF:%Y-%m-%d %H:%M:%S}")
    return report.write(folder / "report.html")


if __name__ == "__main__":
    main()

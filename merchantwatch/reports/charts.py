"""Charts by pygal as pages take them: static SVG that a page's own style colours."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from markupsafe import Markup

_LEFT_OUT = ("defs", "title", "desc")
_OVERLAYS = ("overlay", "text-overlay", "tooltip-overlay", "titles")


@contextmanager
def finders_kept() -> Iterator[None]:
    """Keep what finds modules: pygal adds a finder of an old kind, of which Python 3.11 warns."""
    finders = sys.meta_path[:]
    try:
        yield
    finally:
        sys.meta_path[:] = finders


def plain(root: Any, width: int, height: int) -> Markup:
    """Return an SVG as a page takes it: shapes and labels, nothing that styles or runs."""
    from xml.etree import ElementTree as ET

    tree = ET.fromstring(ET.tostring(root, encoding="unicode"))  # noqa: S314  made here
    for element in list(tree.iter()):
        element.tag = element.tag.rpartition("}")[2]
        for part in list(element):
            name = part.tag.rpartition("}")[2]
            classes = part.get("class", "").split()
            unseen = name == "rect" and float(part.get("height", "1")) <= 0
            if name in _LEFT_OUT or unseen or set(classes) & {*_OVERLAYS}:
                element.remove(part)
        element.attrib.pop("style", None)
    tree.attrib.clear()
    tree.set("viewBox", f"0 0 {width} {height}")
    tree.set("class", "chart")
    tree.set("aria-hidden", "true")
    return Markup(ET.tostring(tree, encoding="unicode"))  # noqa: S704  made of numbers and hours

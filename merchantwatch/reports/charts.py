"""Charts by pygal for HTML pages: static SVG, coloured by the style of the page."""

import sys
from types import ModuleType
from xml.etree.ElementTree import Element

from markupsafe import Markup

_LEFT_OUT = ("defs", "title", "desc")
_OVERLAYS = ("overlay", "text-overlay", "tooltip-overlay", "titles")


def charts() -> ModuleType:
    """Import pygal, without the module finder that it installs.

    That finder has the old interface, of which Python 3.11 warns. Finders that other packages add
    during the import stay: editable installs are found by them.
    """
    import pygal

    sys.meta_path[:] = [one for one in sys.meta_path if type(one).__module__ != "pygal"]
    return pygal


def plain(root: Element, width: int, height: int) -> Markup:
    """Return an SVG as a page takes it: shapes and labels, nothing that styles or runs."""
    from xml.etree import ElementTree as ET

    # pygal builds the tree with lxml where that is installed, whose elements differ from these.
    tree = ET.fromstring(ET.tostring(root, encoding="unicode"))  # noqa: S314  made here
    # Lists, since elements are removed while the tree is walked.
    for element in list(tree.iter()):
        # Inside HTML an SVG has no namespace; a prefix would make its elements unknown ones.
        element.tag = element.tag.rpartition("}")[2]
        for part in list(element):
            name = part.tag.rpartition("}")[2]
            classes = part.get("class", "").split()
            unseen = name == "rect" and not (_size(part, "height") and _size(part, "width"))
            if name in _LEFT_OUT or unseen or set(classes) & {*_OVERLAYS}:
                element.remove(part)
        # The content security policy of the page forbids styles in attributes.
        element.attrib.pop("style", None)
    tree.attrib.clear()
    tree.set("viewBox", f"0 0 {width} {height}")
    tree.set("class", "chart")
    # Screen readers get the numbers from the table below the picture.
    tree.set("aria-hidden", "true")
    return Markup(ET.tostring(tree, encoding="unicode"))  # noqa: S704  escaped by what writes it


def _size(part: Element, side: str) -> float:
    return max(float(part.get(side, "1")), 0)

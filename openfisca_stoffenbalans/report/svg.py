"""SVG texts: made the same in every run, and inlined into a page without clashes."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.sax.saxutils import escape

SVG = "http://www.w3.org/2000/svg"
REFERENCE = re.compile(r"url\(#([^)]*)\)")
# Elements that neither run nor load anything.
SHAPES = {"path", "rect", "line", "circle", "ellipse", "polygon", "polyline", "text", "tspan", "use"}
AT_REST = SHAPES | {"svg", "g", "defs", "title", "desc", "clipPath", "mask", "pattern", "linearGradient", "stop"}


class SvgError(ValueError):
    """A text that is no SVG picture, or one that is not at rest."""


def nothing(reason: str) -> str:
    """A small SVG with the sentence "nothing to draw: …"."""
    return (
        f'<svg xmlns="{SVG}" width="640" height="40" viewBox="0 0 640 40">'
        f'<text x="0" y="24" font-family="sans-serif" font-size="13px" fill="#000">'
        f"nothing to draw: {escape(reason)}</text></svg>"
    )


def settled(text: str) -> str:
    """The SVG with ids numbered in order and without roles of parts: the same drawing gives the same bytes."""
    root = _parsed(text)
    _rename(root, "")
    for element in root.iter():
        for name in [name for name in element.attrib if name == "role" or name.startswith("aria-")]:
            del element.attrib[name]
    root.set("xmlns", SVG)
    return _written(root)


def inlined(text: str, prefix: str, title: str, description: str) -> str:
    """The SVG as part of an HTML page: ids begin with `prefix`, title and description are its text alternative.

    Raises SvgError when the text is no SVG, or has scripts, styles, or addresses outside of itself.
    """
    root = _parsed(text)
    for element in root.iter():
        _at_rest(element)
    _rename(root, f"{prefix}_")
    for position, (tag, words) in enumerate((("title", title), ("desc", description))):
        element = ElementTree.Element(tag, {"id": f"{prefix}_{tag}"})
        element.text = words
        root.insert(position, element)
    root.set("role", "img")
    root.set("aria-labelledby", f"{prefix}_title {prefix}_desc")
    return _written(root)


def _parsed(text: str) -> ElementTree.Element:
    """The picture's tree with bare tag names."""
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise SvgError(f"not well-formed XML: {error}; allowed: an SVG picture") from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        element.attrib = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
    if root.tag != "svg":
        raise SvgError(f"the outermost element is <{root.tag}>; allowed: <svg>")
    return root


def _at_rest(element: ElementTree.Element) -> None:
    """Raise SvgError when an element runs or loads something."""
    if element.tag not in AT_REST:
        raise SvgError(f"element <{element.tag}>; allowed: shapes and texts")
    for name, value in element.attrib.items():
        outside = name in ("href", "src") and not value.startswith("#")
        if name.startswith("on") or outside or re.search(r"url\((?!#)", value, re.IGNORECASE):
            raise SvgError(f"attribute {name}={value!r} of <{element.tag}>; allowed: references within the picture")


def _rename(root: ElementTree.Element, prefix: str) -> None:
    """Number the ids in reading order, after `prefix`, with what refers to them."""
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    names = {old: f"{prefix}part_{number}" for number, old in enumerate(dict.fromkeys(ids), start=1)}
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == "id":
                element.set(name, names[value])
            elif name == "href":
                element.set(name, f"#{names.get(value[1:], value[1:])}")
            else:
                element.set(name, REFERENCE.sub(lambda found: f"url(#{names.get(found[1], found[1])})", value))


def _written(root: ElementTree.Element) -> str:
    return ElementTree.tostring(root, encoding="unicode")

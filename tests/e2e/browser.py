# SPDX-License-Identifier: GPL-3.0-or-later
"""
Drawings for a browser, looked at without one: as XML or HTML, and as the picture that a browser made.

    Drawing(path)     an svg or html file of a trace, parsed strictly; has .rows, each a Row
    Picture(data)     a PNG; has .colors()
"""

import collections
import html.parser
import re
import struct
import xml.etree.ElementTree as ElementTree
import zlib
from pathlib import Path

VOID = {"meta", "col", "br", "link", "input", "img", "hr"}
LABEL = re.compile(r"(client|sockt|peer|target) to (client|sockt|peer|target)(?:: ([^;]*))?")


class Element:
    """An element of a page, with those in it and its text."""

    def __init__(self, tag, attributes):
        self.tag, self.attributes, self.children, self.pieces = tag, attributes, [], []

    def all(self, tag=None, css=None):
        for child in self.children:
            if tag in (None, child.tag) and (css is None or css in child.attributes.get("class", "").split()):
                yield child
            yield from child.all(tag, css)

    def text(self):
        return "".join(piece if isinstance(piece, str) else piece.text() for piece in self.pieces)

    def get(self, name, default=None):
        return self.attributes.get(name, default)


class Builder(html.parser.HTMLParser):
    """HTML in which every element is closed by its own tag."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        self.open[-1].pieces.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert len(self.open) > 1 and self.open[-1].tag == tag, f"</{tag}> ends <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data):
        self.open[-1].pieces.append(data)


def parse_html(text):
    builder = Builder()
    builder.feed(text)
    builder.close()
    assert len(builder.open) == 1, f"<{builder.open[-1].tag}> is not closed"
    return builder.root


def parse_xml(data):
    def convert(node):
        element = Element(node.tag.rpartition("}")[2], dict(node.attrib))
        element.pieces.append(node.text or "")
        for child in node:
            part = convert(child)
            element.children.append(part)
            element.pieces += [part, child.tail or ""]
        return element
    root = Element("", {})
    root.children = [convert(ElementTree.fromstring(data))]
    return root


class Row:
    """A row: its time, step, state, session, act, labels of its arrows, and all that is known of it."""

    def __init__(self, **values):
        self.__dict__.update(values)
        self.seq = int(re.search(r"^event (\d+)", self.details, re.MULTILINE)[1])

    def __repr__(self):
        return f"Row({self.__dict__})"


def texts(element, tag, css):
    return [found.text() for found in element.all(tag, css)]


def row_of_html(element):
    labels = LABEL.findall(" ".join(texts(element, "span", "v")))
    return Row(time=texts(element, "td", "t")[0], step=" ".join(texts(element, "code", None)),
               state=" ".join(texts(element, "b", None)), session=texts(element, "td", "n")[0],
               act="".join(texts(element, "td", "act") + texts(element, "text", "at")),
               labels=[label for _, _, label in labels], details=element.get("title"),
               below=[line for small in texts(element, "small", None) for line in small.split("\n")])


def row_of_svg(element):
    pills = [text for name in ("begin", "open", "end", "done") for text in texts(element, "text", name)]
    remarks = "".join(texts(element, "tspan", "i"))
    steps = [text.removesuffix(remarks) for text in texts(element, "text", "c")]
    return Row(time=texts(element, "text", "t")[0], step=" ".join(steps), state=" ".join(pills),
               session=" ".join(texts(element, "text", "n")), act=" ".join(texts(element, "text", "act")),
               labels=texts(element, "text", "lab"), details=next(element.all("title")).text(),
               below=texts(element, "text", "d"))


class Drawing:
    """A drawing, from its file or from what a browser made of it."""

    def __init__(self, path=None, dom=None):
        self.path = path
        self.data = dom if dom is not None else Path(path).read_text(encoding="utf-8")
        self.is_svg = not self.data.lstrip().lower().startswith(("<!doctype html", "<html"))
        self.root = parse_xml(self.data) if self.is_svg else parse_html(self.data)
        found = self.root.all("g", "r") if self.is_svg else self.root.all("tr", "r")
        self.rows = [(row_of_svg if self.is_svg else row_of_html)(element) for element in found]

    def lines(self):
        """The lines that are no event."""
        if self.is_svg:
            return [line for group in self.root.all("g", "e") for line in texts(group, "text", "d")]
        return [texts(row, "small", None)[0] for row in self.root.all("tr")
                if "r" not in row.get("class", "").split() and texts(row, "small", None)]

    def one(self, tag):
        found = list(self.root.all(tag))
        assert found, f"no <{tag}>"
        return found[0]


class Picture:
    """The pixels of a PNG (RFC 2083; 8 bits, RGB or RGBA, not interlaced)."""

    def __init__(self, data):
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        at, packed = 8, b""
        while at < len(data):
            length, kind = struct.unpack_from(">I4s", data, at)
            body = data[at + 8:at + 8 + length]
            if kind == b"IHDR":
                self.width, self.height, depth, color, _, _, interlaced = struct.unpack(">IIBBBBB", body)
                assert depth == 8 and color in (2, 6) and not interlaced
                self.size = 3 if color == 2 else 4
            elif kind == b"IDAT":
                packed += body
            at += length + 12
        self.lines = self._lines(zlib.decompress(packed))

    def _lines(self, raw):
        width, size, above, lines = self.width * self.size, self.size, bytes(self.width * self.size), []
        for at in range(0, self.height * (width + 1), width + 1):
            way, line = raw[at], bytearray(raw[at + 1:at + 1 + width])
            if way == 2 and any(above):
                line = bytearray((a + b) & 255 for a, b in zip(line, above))
            elif way in (1, 3, 4):
                for i in range(width):
                    left, up, corner = (line[i - size], above[i], above[i - size]) if i >= size else (0, above[i], 0)
                    if way == 1:
                        line[i] = (line[i] + left) & 255
                    elif way == 3:
                        line[i] = (line[i] + (left + up) // 2) & 255
                    else:
                        guess = left + up - corner
                        far = abs(guess - left), abs(guess - up), abs(guess - corner)
                        line[i] = (line[i] + (left, up, corner)[far.index(min(far))]) & 255
            above = line
            lines.append(bytes(line))
        return lines

    def colors(self):
        """How many pixels there are of each colour, as "#rrggbb"."""
        counts = collections.Counter()
        for line in self.lines:
            counts.update(zip(*(line[part::self.size] for part in range(3))))
        return {"#%02x%02x%02x" % pixel: count for pixel, count in counts.items()}

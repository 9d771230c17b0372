"""The texts: golden files, well-formed markup, nothing of a hostile name that could act."""

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from drawn_hosts import GOLDEN, PICTURES, ROOT, hosts
from hypothesis import given, settings

from netwright.errors import Invalid
from netwright.hostmap.drawing import palette
from netwright.hostmap.drawing.formats import FORMATS, drawn
from netwright.hostmap.drawing.page_script import SCRIPT

HERE = Path(__file__).parent / "golden"
SUFFIX = {"svg": "svg", "dot": "dot", "mermaid": "mmd"}


@pytest.mark.parametrize("format", SUFFIX)
@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str, format: str, update_golden: bool):
    path = HERE / f"{name}.{SUFFIX[format]}"
    text = drawn(GOLDEN[name], format)
    if update_golden:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, "look at it, then: pytest tests/pure/hostmap/drawing --update-golden"


def test_the_pictures_of_the_documentation_are_fresh():
    stale = [name for name, text in PICTURES.pictures().items() if (ROOT / "docs" / "pictures" / name).read_text(encoding="utf-8") != text]
    assert stale == [], "python docs/pictures/make.py"


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
@pytest.mark.parametrize("name", GOLDEN)
def test_svg_is_well_formed_and_asks_for_nothing(name: str, theme: str):
    text = drawn(GOLDEN[name], "svg", ("all",), theme=theme)
    tree = ElementTree.fromstring(text)
    assert {element.tag.rpartition("}")[2] for element in tree.iter()} <= {"svg", "title", "style", "rect", "g", "path", "text"}
    assert not re.search(r"(href|url\(|@import|on\w+=)", text.replace("http://www.w3.org/2000/svg", ""))


@given(hosts())
@settings(max_examples=40, deadline=None)
def test_every_format_takes_any_host(host):
    for format in FORMATS:
        drawn(host, format).encode()
    ElementTree.fromstring(drawn(host, "svg"))
    tags = _tags(drawn(host, "html"))
    assert tags.count("script") == 4
    assert not {"img", "iframe", "b", "i", "u"} & set(tags)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def _tags(text: str) -> list[str]:
    reader = _Reader()
    reader.feed(text)
    assert not {name for name in reader.attributes if name.startswith("on") or name in ("src", "href", "action")}
    return reader.tags


def test_the_page_says_that_it_may_load_nothing():
    text = drawn(GOLDEN["hostile"], "html")
    assert "default-src 'none'" in text
    assert "innerHTML" not in text
    assert "fetch(" not in text
    assert text.count("<script") == 4
    assert "alert(1)</script>" not in text


def test_nothing_ends_a_string_of_dot_or_mermaid():
    for line in drawn(GOLDEN["hostile"], "mermaid").splitlines():
        assert line.count('"') in (0, 2)
        inner = line.split('"')[1] if '"' in line else ""
        assert not re.search(r"[<>`\"|{}\[\]]", inner.replace("<br/>", ""))
    first = drawn(GOLDEN["hostile"], "dot").splitlines()[0]
    assert re.fullmatch(r'graph "(\\.|[^"\\])*" \{', first)


def test_an_unknown_format_is_told_the_known_ones():
    with pytest.raises(Invalid, match="svg html dot mermaid"):
        drawn(GOLDEN["empty"], "gif")


def test_the_script_is_small():
    assert len(SCRIPT.encode()) < 16_000


# -- contrast ----------------------------------------------------------------------------------------------------------------


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2's ratio."""
    high, low = sorted((_light(one), _light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_texts_can_be_read(dark: bool):
    ink = {name: pair[dark] for name, pair in palette.INK.items()}
    for tone, colours in palette.TONES.items():
        box, frame = colours[2 * dark : 2 * dark + 2]
        for front in (ink["text"], ink["soft"], frame):
            assert contrast(front, box) >= 4.5, tone
        assert contrast(frame, ink["paper"]) >= 4.5, tone
    assert contrast(ink["on"], ink["rail"]) >= 4.5
    assert contrast(ink["on"], ink["down"]) >= 4.5
    assert contrast(ink["text"], ink["pill"]) >= 4.5
    for line in ("up", "down", "stands"):
        assert contrast(ink[line], ink["paper"]) >= 3

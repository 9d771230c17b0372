"""The page's own files: they ask for nothing elsewhere, name what is there, and say everything in both languages."""

import re
from pathlib import Path

import pytest

import netwright.web
from netwright.hostmap.drawing.page_parts import PARTS
from netwright.hostmap.drawing.page_style import COLOURS, RULES, sheet

PAGE = Path(netwright.web.__file__).parent / "page"
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(PAGE.iterdir())}
TEXTS |= {"parts.js": PARTS, "parts.css": RULES}
SCRIPT = PARTS + TEXTS["page.js"]


@pytest.mark.parametrize("name", TEXTS)
def test_nothing_comes_from_elsewhere(name: str):
    found = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s'\"]*", TEXTS[name]))
    assert found == ({"http://www.w3.org/2000/svg"} if name == "page.js" else set())


def test_the_policy_is_kept():
    html = TEXTS["index.html"]
    assert "<style" not in html
    assert "style=" not in html
    assert not re.search(r"\son\w+=", html)
    assert all("src=" in tag for tag in re.findall("<script[^>]*>", html))
    assert "eval(" not in SCRIPT
    assert "new Function" not in SCRIPT


def test_only_the_drawing_is_put_in_as_markup():
    assert re.findall(r"(\S+)\.(?:innerHTML|outerHTML)\s*=\s*(\S+);", SCRIPT) == [("view", "found.svg")]
    assert "insertAdjacentHTML" not in SCRIPT
    assert "document.write" not in SCRIPT


def test_elements_that_the_script_means_are_there():
    ids = set(re.findall(r'id="(\w+)"', TEXTS["index.html"]))
    assert set(re.findall(r"\$\('(\w+)'\)", SCRIPT)) <= ids


def languages() -> dict[str, set[str]]:
    parts = re.split(r"^  (en|zh): \{$", TEXTS["words.js"], flags=re.M)[1:]
    return {name: set(re.findall(r"(?:^|[ ,{])(\w+): '", text)) for name, text in zip(parts[::2], parts[1::2], strict=True)}


def test_both_languages_say_the_same_and_enough():
    words = languages()
    assert words["en"] == words["zh"]
    used = set(re.findall(r"(?:say|listed)\('(\w+)'[,)]", SCRIPT)) | set(re.findall(r'data-(?:say|title)="(\w+)"', TEXTS["index.html"]))
    assert used <= words["en"]
    assert len(words["en"]) > 40


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("ink", ["ink", "soft", "accent", "alarm"])
@pytest.mark.parametrize("behind", ["paper", "bar"])
def test_texts_can_be_read(dark: bool, ink: str, behind: str):
    one, other = sorted((luminance(COLOURS[ink][dark]), luminance(COLOURS[behind][dark])))
    assert (other + 0.05) / (one + 0.05) >= 4.5


def test_light_and_dark_are_sheets_of_their_own():
    assert "color-scheme:light" in sheet(False)
    assert "color-scheme:dark" in sheet(True)

"""Everything that can be typed is documented, and every page can be found."""

import importlib
import pkgutil
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docs"))

from generate import PAGES, manuals, with_help

from netwright import ip
from netwright.cli.commands import LABS, MAPS, NETWORKS
from netwright.ip import front
from netwright.ip.help import DIRECTORY, help_text

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
COMMANDS_PAGE = (DOCS / "commands.md").read_text(encoding="utf-8")
SYNONYMS = ("list", "lst", "chg")  # the same for every object: told once, in front of all
OBJECTS = sorted({module for module in front.OBJECTS.values() if module})


def options() -> list[str]:
    """Every option in front of the object, those of ip and ours."""
    written = [name for name, _ in front._COUNTERS]
    return [*written, *front._FIXED, *front._OURS, "-loops", "-family", "-echo"]


def commands() -> list[tuple[str, str]]:
    """(object, command) of everything that the object packages have a table for, save what they leave to the real ip."""
    found = []
    for module in pkgutil.iter_modules(ip.__path__):
        if module.name in OBJECTS:
            table = getattr(importlib.import_module(f"{ip.__name__}.{module.name}"), "COMMANDS", {})
            found += [(module.name, name) for name, file in table.items() if file or name == "help"]
    return found


def whole_word(word: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


def section(title: str) -> str:
    """The text of commands.md below `## TITLE`."""
    return COMMANDS_PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("name", [name for name, module in front.OBJECTS.items() if module])
def test_every_object_is_documented(name: str) -> None:
    assert whole_word(name, COMMANDS_PAGE)
    assert whole_word(name, help_text(""))


@pytest.mark.parametrize("module", OBJECTS)
def test_every_object_has_a_help_text_and_a_section(module: str) -> None:
    assert Path(DIRECTORY, f"{module}.txt").is_file()
    assert section(module)


@pytest.mark.parametrize(("module", "command"), commands())
def test_every_command_is_documented(module: str, command: str) -> None:
    if command in SYNONYMS:
        assert whole_word(command, COMMANDS_PAGE.partition("\n## ")[0])
        assert whole_word(command, help_text(""))
    else:
        assert whole_word(command, help_text(module))
        assert whole_word(command, section(module))


@pytest.mark.parametrize("option", options())
def test_every_option_is_documented(option: str) -> None:
    """In the program's help, in commands.md and in the manual page; `-help` is in the first as the word help."""
    manual = (DOCS / "man/nw.1").read_text(encoding="utf-8").replace("\\-", "-")
    assert whole_word(option, COMMANDS_PAGE)
    assert whole_word(option, manual)
    assert whole_word(option, help_text("")) or option == "-help"


def test_every_command_of_netns_is_in_its_manual_page() -> None:
    manual = (DOCS / "man/nw-netns.8").read_text(encoding="utf-8").replace("\\-", "-")
    assert [name for module, name in commands() if module == "netns" and not whole_word(name, manual)] == []


@pytest.mark.parametrize("name", PAGES)
def test_pages_show_the_help_texts_as_they_are(name: str) -> None:
    """If not: run `make docs`."""
    page = (DOCS / name).read_text(encoding="utf-8")
    assert with_help(page) == page


@pytest.mark.parametrize("name", manuals())
def test_the_manual_pages_are_as_they_would_be_written(name: str) -> None:
    """If not: run `make docs`."""
    assert (DOCS / "man" / name).read_text(encoding="utf-8") == manuals()[name]


@pytest.mark.parametrize("name", LABS)
def test_every_command_of_labs_is_documented(name: str) -> None:
    assert whole_word(name, help_text(""))
    assert f"\n## {name}\n" in (DOCS / "labs-commands.md").read_text(encoding="utf-8")
    assert f"\n.SS nw {name}\n" in (DOCS / "man/nw-lab.1").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NETWORKS)
def test_every_command_of_networks_is_documented(name: str) -> None:
    assert whole_word(name, help_text(""))
    assert any(f"<!-- help: {name} -->" in (DOCS / page).read_text(encoding="utf-8") for page in ("networks-commands.md", "cni.md"))
    assert f"\n.SS nw {name}\n" in (DOCS / "man/nw-network.1").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MAPS)
def test_every_command_of_the_map_is_documented(name: str) -> None:
    assert whole_word(name, help_text(""))
    assert f"<!-- help: {name} -->" in (DOCS / "map.md").read_text(encoding="utf-8")
    assert f"\n.SS nw {name}\n" in (DOCS / "man/nw-map.1").read_text(encoding="utf-8")


def linked(page: Path) -> set[Path]:
    """The files and directories that a page links to."""
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    return {(page.parent / target).resolve() for target in targets}


def test_every_page_can_be_found_from_the_readme() -> None:
    known = linked(ROOT / "README.md") | linked(DOCS / "README.md")
    pages = [path for path in DOCS.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    lost = [str(path.relative_to(ROOT)) for path in pages if not known & {path, *path.parents} - {DOCS, ROOT}]
    assert lost == []


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda path: str(path.relative_to(ROOT))
)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert [str(target) for target in linked(page) if not target.exists()] == []


def anchors(page: Path) -> set[str]:
    """What `#…` may name: the headings, as GitHub writes them."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE))
    return {"".join(c for c in heading.strip().lower() if c.isalnum() or c in " -_").replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda path: str(path.relative_to(ROOT))
)
def test_every_link_to_a_heading_has_one(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]*)#([^)\s]+)\)", page.read_text(encoding="utf-8"))
    targets = [((page.parent / path).resolve() if path else page, anchor) for path, anchor in links]
    assert [f"{path.name}#{anchor}" for path, anchor in targets if path.suffix == ".md" and anchor not in anchors(path)] == []

"""The examples of the pages about labs, run as they are printed, by an ordinary user; see transcripts.py for how they are read.

NETWRIGHT_RECORD_DOCS=1 pytest tests/kernel/test_docs_labs.py writes the output that came into the pages, where it differs.
"""

from pathlib import Path

import pytest
from sandbox import Sandbox
from transcripts import HOME, RECORD, Entry, Reader, blocks, entries, fits, python_in, run_python
from users import USERS

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
# Pages that are read as a person would, from top to bottom; what is not there yet is not read.
PAGES = [ROOT / "README.md", *(ROOT / "docs" / name for name in ("labs.md", "labs.zh-CN.md", "pytest.md", "networks.md", "networks.zh-CN.md"))]


@pytest.fixture
def box(sandbox: Sandbox) -> Sandbox:
    """A machine with its loopback, and the example files in the directory of the one who types."""
    sandbox.ip("link set lo up")
    for path in EXAMPLES.glob("*.lab.yaml"):
        sandbox.write(f"{HOME}/{path.name}", path.read_text(encoding="utf-8"))
        sandbox.write(f"{HOME}/examples/{path.name}", path.read_text(encoding="utf-8"))
    return sandbox


@pytest.mark.parametrize("path", [path for path in PAGES if path.exists()], ids=lambda path: path.name)
def test_a_page_is_true(box: Sandbox, path: Path):
    reader = Reader(box)
    page = reader.read(path.read_text(encoding="utf-8"))
    if RECORD:
        path.write_text(page, encoding="utf-8")
    assert RECORD or not reader.wrong, "\n\n".join(reader.wrong)
    assert reader.done, "the page has examples"


def whole_labs(page: str) -> list[str]:
    """The YAML blocks that are files by themselves."""
    return [block.text for block in blocks(page) if block.language == "yaml" and "hosts:" in block.text]


@pytest.mark.parametrize("text", whole_labs((ROOT / "docs/lab-file.md").read_text(encoding="utf-8")))
def test_a_lab_of_the_reference_comes_up(box: Sandbox, text: str):
    """Those that need what this kernel lacks say so."""
    reader = Reader(box)
    box.write(f"{HOME}/it.lab.yaml", text)
    said = reader.type("$", "nw up it.lab.yaml && nw check it.lab.yaml; nw down it.lab.yaml")
    assert " is up: " in said or "is not in this kernel" in said, said
    assert "FAILED" not in said


@pytest.mark.parametrize("user", USERS)
def test_the_labs_of_the_library_page(sandbox: Sandbox, user: str):
    page = (ROOT / "docs/library.md").read_text(encoding="utf-8")
    imports = "import asyncio\nfrom netwright import Invalid\n"
    assert run_python(sandbox, user, imports + python_in(page.partition("\n# Labs\n")[2])) == []


def test_the_chinese_guide_has_commands_of_the_english_one():
    pages = [(ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("labs.md", "labs.zh-CN.md")]
    english, chinese = ({entry.command for block in blocks(page) if block.language == "console" for entry in entries(block.text)} for page in pages)
    assert chinese <= english


SHOWN = "a\n…\nin 0.04 s\n"


@pytest.mark.parametrize(
    ("shown", "got", "good"),
    [
        (SHOWN, "a\nb\nc\nin 17.20 s\n", True),
        (SHOWN, "a\nin 0.10 s\n", True),
        (SHOWN, "b\nin 0.10 s\n", False),
        ("", "a\n", False),
        ("fe80::1:2:3:4/64\n", "fe80::aa:bb:cc:dd/64\n", True),
        ("10.0.0.1/24\n", "10.0.0.2/24\n", False),
        ("eth0@if3 \n", "eth0@if14 \n", True),
        ("web1  28   /usr/bin/python3.12 -m http.server\n", "web1 5 python3 -m http.server\n", True),
    ],
)
def test_what_fits(shown: str, got: str, good: bool):
    assert fits(shown, got) == good


def test_entries_have_the_prompts_of_two_users():
    text = "$ nw up a\n# A script.\nset -e\n# nw netns list\nred\n"
    assert entries(text) == [Entry("$", "nw up a", "# A script.\nset -e\n"), Entry("#", "nw netns list", "red\n")]

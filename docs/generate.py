"""Writes what is generated in docs/: in commands.md, the help text of each object below its `<!-- help: OBJECT -->`.

`make docs` runs it; a test fails while a page is not as this would write it.
"""

import re
from pathlib import Path

DOCS = Path(__file__).parent
HELP = DOCS.parent / "src/netwright/ip/help_texts"
_BLOCK = re.compile(r"<!-- help: (\w+) -->\n(?:```text\n.*?```\n)?", re.DOTALL)


def with_help(page: str) -> str:
    """The page with each help text as the program prints it."""
    return _BLOCK.sub(lambda found: f"<!-- help: {found[1]} -->\n{_fenced(HELP / f'{found[1]}.txt')}", page)


def _fenced(path: Path) -> str:
    return f"```text\n{path.read_text(encoding='utf-8')}```\n" if path.exists() else ""


def main() -> None:
    """Write the pages anew."""
    page = DOCS / "commands.md"
    page.write_text(with_help(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

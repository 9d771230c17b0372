"""What one command imports: the modules that make a start-up slow stay out of it."""

import sys
from importlib.util import find_spec

import pytest
from sandbox import SOURCE, Sandbox

SLOW = {"argparse", "asyncio", "logging", "subprocess", "site"}
EXTENSION = find_spec("netwright.kernel._syscalls")
if EXTENSION:  # where no compiler was, ctypes stands in for the extension
    SLOW.add("ctypes")
SLOWER_THAN_THE_COMMAND = SLOW | {"dataclasses", "json", "re", "typing"}
RUN = "import sys; from netwright.cli.main import main; sys.exit(main(['nw', *sys.argv[1:]]))"


def imported(box: Sandbox, *words: str) -> set[str]:
    """The modules that `nw WORDS` imports. -X importtime tells them as they come, up to an exec of another program."""
    code = f"import sys; sys.path.append({str(SOURCE)!r}); {RUN}"
    done = box.run([sys.executable, "-X", "importtime", "-IS", "-c", code, *words])
    assert done.code == 0, done.err
    found = {line.rpartition("|")[2].strip() for line in done.err.splitlines() if line.startswith("import time:")}
    assert "netwright.cli.main" in found
    return found


@pytest.mark.parametrize("words", ["netns", "netns list", "netns add b", "netns delete a", "netns exec --fast a true", "netns exec a true"])
def test_commands_on_names_import_next_to_nothing(sandbox: Sandbox, words: str):
    imported(sandbox, "netns", "add", "a")
    assert imported(sandbox, *words.split()) & SLOWER_THAN_THE_COMMAND == set()


@pytest.mark.parametrize(
    "words",
    [
        "link show",
        "link set lo up",
        "link add a0 type veth peer name a1",
        "-d -s link show lo",
        "address show",
        "address add 127.0.0.9/8 dev lo",
        "route show",
        "route show table all",
        "neigh show",
        "rule show",
        "rule add from 10.0.0.1 lookup main",
        "-j link show",
    ],
)
def test_no_one_shot_command_imports_what_is_slow(sandbox: Sandbox, words: str):
    assert imported(sandbox, *words.split()) & SLOW == set()


def test_exec_fast_by_a_plain_name_needs_almost_nothing_of_ours(sandbox: Sandbox):
    imported(sandbox, "netns", "add", "a")
    modules = imported(sandbox, "netns", "exec", "--fast", "a", "true")
    if EXTENSION:  # without it the long way does the same through ctypes
        assert "netwright.kernel.netlink" not in modules

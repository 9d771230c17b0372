"""Completion in the real shells: labs, hosts and namespaces are known, and no program is started for them.

One shell of each kind completes all lines: each in a shell that knows of no other, where the shell can fork (fish cannot)."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from netwright.cli.completion import SHELLS, script

END = "=== that was all"
NAMES = ["up", "exec", "shell", "ping", "capture", "rootless"]


def installed(shell: str) -> str:
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed")
    return path


@pytest.fixture(scope="module")
def labs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two labs as `up` leaves them, and a stray file."""
    top = tmp_path_factory.mktemp("labs") / "netwright dir"
    for lab, hosts in {"shop": ["web1", "web2", "db"], "raft": ["n1"]}.items():
        (top / lab).mkdir(parents=True)
        (top / lab / "hosts").write_text("".join(f"{host}\n" for host in hosts))
    (top / "stray").write_text("")
    (top / ".networks").mkdir()
    for at, name in enumerate(("bridge", "back")):
        (top / ".networks" / f"network-{at}.json").write_text(f'{{"boot": "b", "rows": {{"networks": [["{name}", 17.5, "{{}}"]]}}}}')
    for name in ("web", "api"):
        (top / ".containers" / name).mkdir(parents=True)
    return top


def asked(shell: str, program: str, labs: Path) -> list[str]:
    """What a shell program prints for each line, one by one. PATH leads nowhere: whoever starts a program fails."""
    env = {"NETWRIGHT_RUNTIME_DIR": str(labs), "NETWRIGHT_RUN_DIR": str(labs), "PATH": "/nowhere", "HOME": str(labs), "LC_ALL": "C.UTF-8"}
    argv = {"bash": ["--norc", "-c"], "zsh": ["-f", "-c"], "fish": ["--no-config", "-c"]}[shell]
    done = subprocess.run([installed(shell), *argv, program], capture_output=True, text=True, env=env, timeout=120, check=False)
    assert "not found" not in done.stderr, done.stderr
    assert "ommand" not in done.stderr, done.stderr
    assert done.stdout.endswith(f"{END}\n")
    return done.stdout.split(f"{END}\n")[:-1]


def bash(lines: tuple[str, ...], labs: Path) -> list[str]:
    program = script("bash")
    for line in lines:
        words = line.split(" ")
        quoted = " ".join(f"'{word}'" for word in words)
        program += f"\n(COMP_LINE='{line}' COMP_POINT={len(line)} COMP_WORDS=({quoted}) COMP_CWORD={len(words) - 1}\n_nw\nprintf '%s\\n' \"${{COMPREPLY[@]}}\")\necho '{END}'"
    return asked("bash", program, labs)


def zsh(lines: tuple[str, ...], labs: Path) -> list[str]:
    """Without the editor: `compadd` prints what it is given, as the editor would show it, and filters by what was typed."""
    stub = r"""
compdef() { : }; _files() { : }; _command_names() { : }
compadd() {
    local prefix suffix one; local -a found
    while (( $# )); do
        case $1 in
            -P) prefix=$2; shift 2 ;;
            -S) suffix=$2; shift 2 ;;
            -a) shift; found+=(${(P)1}); shift ;;
            --) shift ;;
            *) found+=($1); shift ;;
        esac
    done
    for one in $found; do [[ $prefix$one == $words[CURRENT]* ]] && print -r -- $prefix$one$suffix; done
}
"""
    program = f"{stub}{script('zsh')}"
    for line in lines:
        words = line.split(" ")
        quoted = " ".join(f"'{word}'" for word in words)
        program += f"\n(words=({quoted}) CURRENT={len(words)}\n_nw)\necho '{END}'"
    return asked("zsh", program, labs)


def fish(lines: tuple[str, ...], labs: Path) -> list[str]:
    program = "".join(f"\ncomplete -C '{line}'\necho '{END}'" for line in lines)
    return asked("fish", script("fish") + program, labs)


COMPLETE = {"bash": bash, "zsh": zsh, "fish": fish}
LINES = [
    ("nw exec s", ["shop/"]),
    ("nw exec shop/w", ["shop/web1", "shop/web2"]),
    ("nw shell raft/", ["raft/@", "raft/n1"]),
    ("nw capture shop/d", ["shop/db"]),
    ("nw ping shop/web1 d", ["db"]),
    ("nw exec nolab/", []),
    ("nw ps r", ["raft"]),
    ("nw completion z", ["zsh"]),
    ("nw expl", ["explain"]),
    ("nw netns de", ["delete"]),
    ("nw network in", ["inspect"]),
    ("nw publish ", ["add", "del", "ls"]),
    ("nw dns ", ["status", "trace"]),
    ("nw network rm ", ["back", "bridge"]),
    ("nw network create ", []),
    ("nw network connect ", ["back", "bridge"]),
    ("nw network connect back w", ["web"]),
    ("nw connect b", ["back", "bridge"]),
    ("nw disconnect back a", ["api"]),
    ("nw publish add ", ["api", "web"]),
    ("nw publish add web 8", []),
    ("nw stop web ", ["api", "web"]),
    ("nw containers ", ["api", "web"]),
    ("nw run --network b", ["back", "bridge"]),
    ("nw run --network h", ["host"]),
]
OTHERS = ("nw up --", "nw gc --", "nw network create --", "nw run --network container:w", "nw down ", "nw ", "nw netns exec ")


@cache
def _all(shell: str, labs: Path) -> dict[str, list[str]]:
    """What is found for each of the lines; fish tells what it means behind a tab."""
    lines = (*(line for line, _ in LINES), *OTHERS)
    found = COMPLETE[shell](lines, labs)
    return {line: sorted(word.partition("\t")[0] for word in text.splitlines() if word) for line, text in zip(lines, found, strict=True)}


def complete(shell: str, line: str, labs: Path) -> list[str]:
    installed(shell)
    return _all(shell, labs)[line]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(("line", "found"), LINES)
def test_a_shell_knows_labs_and_hosts(shell: str, line: str, found: list[str], labs: Path):
    assert complete(shell, line, labs) == found


@pytest.mark.parametrize("shell", SHELLS)
def test_options_come_from_the_help(shell: str, labs: Path):
    assert {"--pin", "--name", "--verify"} <= set(complete(shell, "nw up --", labs))
    assert "--pin" not in complete(shell, "nw gc --", labs)
    assert {"--subnet", "--internal", "--filter"} <= set(complete(shell, "nw network create --", labs))


@pytest.mark.parametrize("shell", SHELLS)
def test_the_network_of_a_container(shell: str, labs: Path):
    found = complete(shell, "nw run --network container:w", labs)
    # bash takes words apart at a colon: what stands behind it is what is completed.
    assert found == (["web"] if shell == "bash" else ["container:web"])


@pytest.mark.parametrize("shell", SHELLS)
def test_down_knows_labs(shell: str, labs: Path):
    assert {"raft", "shop"} <= set(complete(shell, "nw down ", labs))


@pytest.mark.parametrize("shell", SHELLS)
def test_the_first_word_is_a_command(shell: str, labs: Path):
    found = complete(shell, "nw ", labs)
    assert set(NAMES) <= set(found)
    assert "netns" in found


@pytest.mark.parametrize("shell", SHELLS)
def test_nothing_is_found_where_there_are_no_labs(shell: str, tmp_path: Path):
    assert COMPLETE[shell](("nw exec x",), tmp_path / "nothing")[0].strip() == ""


def test_names_of_namespaces_come_from_the_directory(labs: Path):
    known = sorted(os.listdir("/run/netns")) if os.path.isdir("/run/netns") else []
    assert complete("bash", "nw netns exec ", labs) == known

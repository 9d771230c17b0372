"""The applet in front of the real ip in PATH: what is not ours reaches the real one unchanged, what is ours looks the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

IP = "/usr/sbin/ip" if os.path.exists("/usr/sbin/ip") else "/usr/bin/ip"


@pytest.fixture(scope="module")
def in_front(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment whose first `ip` is ours."""
    directory = tmp_path_factory.mktemp("bin")
    subprocess.run([sys.executable, "-m", "netwright.cli.launcher", str(directory), "--name", "ip"], check=True, capture_output=True)
    return {**os.environ, "PATH": f"{directory}:{os.environ['PATH']}"}


def _run(argv: list[str], env: dict[str, str]) -> tuple[int, str, str]:
    done = subprocess.run(argv, capture_output=True, text=True, env=env, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "words",
    ["-V", "help", "link help", "tunnel show", "maddress show dev lo", "-j ntable show dev lo", "addrlabel list", "nexthop list", "token list"],
)
def test_what_is_not_ours_is_the_real_ips(in_front: dict[str, str], words: str):
    assert _run(["ip", *words.split()], in_front) == _run([IP, *words.split()], dict(os.environ))


def test_a_shell_script_cannot_tell_the_difference(in_front: dict[str, str], tmp_path: Path):
    script = tmp_path / "build.sh"
    script.write_text(
        "set -e\nip link set lo up\nip link add a0 type veth peer name a1\nip link set a0 address 02:00:00:00:00:01 up\n"
        "ip link set a1 address 02:00:00:00:00:02\nip address add 10.0.0.1/24 dev a0\nip -br link\nip -4 address show dev a0\n"
        "ip tunnel show\nip -V | cut -c1-10\n"
    )
    argv = ["unshare", *([] if os.getuid() == 0 else ["-Ur"]), "-nm", "sh", str(script)]
    ours, theirs = _run(argv, in_front), _run(argv, dict(os.environ))
    assert ours == theirs
    assert ours[0] == 0


def test_the_applet_is_ours(in_front: dict[str, str]):
    code, _, err = _run(["ip", "--json-errors", "link", "show", "nosuch"], in_front)
    assert (code, err[:1]) == (1, "{")

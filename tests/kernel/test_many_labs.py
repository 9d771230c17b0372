"""Fifty labs with the same names and addresses side by side; many commands on one lab at once."""

import sys
from pathlib import Path

import pytest
from labs import PLACE, Nw
from sandbox import SOURCE, Sandbox
from users import USERS, _prefix, _python

MANY = Path(__file__).with_name("inside") / "many.py"
LAB = "lab: shop\nhosts:\n  a: { switch: s }\n  b: { switch: s }\nswitches:\n  s: { subnet: 10.1.0.0/24 }\n"


@pytest.mark.parametrize("words", [["labs", "50"], ["one", "6", "1"]], ids=["fifty labs", "one lab"])
@pytest.mark.parametrize("user", USERS)
def test_at_once(sandbox: Sandbox, user: str, words: list[str]):
    sandbox.run(["mkdir", "-m", "777", "/run/labs"])
    python = sys.executable if user == "root" else _python(sandbox, user)
    done = sandbox.run([*_prefix(user), python, str(MANY), *words], env={"PYTHONPATH": str(SOURCE), "NETWRIGHT_RUNTIME_DIR": "/run/labs/mine"}, timeout=240)
    assert (done.code, done.out) == (0, "well\n"), done.err


@pytest.mark.parametrize("user", USERS)
def test_two_commands_of_one_file_at_once(sandbox: Sandbox, user: str):
    nw = Nw(sandbox, user)
    nw.file("shop.lab.yaml", LAB)
    both = [nw.start("up", f"{PLACE}/shop.lab.yaml", out=f"{PLACE}/{at}") for at in range(3)]
    assert [nw.box.wait(pid) for pid in both] == [0, 0, 0]
    said = sorted(nw.box.read(f"{PLACE}/{at}")[:13] for at in range(3))
    assert said == ["nothing to do", "nothing to do", "shop is up: 2"]
    assert nw("ls", "-q") == "shop\n"
    down = [nw.start("down", "shop", out=f"{PLACE}/{at}") for at in range(2)]
    assert sorted(nw.box.wait(pid) for pid in down) == [0, 1]
    assert nw.left() == []

"""`up`, `down` and `gc` beside things of others with confusingly similar names: these stay exactly as they are."""

import pytest
from labs import PLACE, Nw
from machine import connect, dump, wait_for
from sandbox import Sandbox
from users import USERS

LAB = "lab: shop\nhosts:\n  web1: { switch: front }\n  db: { switch: front }\nswitches:\n  front: { subnet: 10.1.0.0/24 }\n"
OTHERS = """
ip link add front type bridge; ip link set front up
ip link add nwu1-0 type veth peer name uplink; ip link set nwu1-0 up master front; ip link set uplink up
until ip link show front | grep -q 'state UP' && ip link show uplink | grep -q 'state UP'; do sleep 0.01; done
ip link add web1.eth0 type veth peer name db.eth0; ip link set web1.eth0 alias 'netwright lab shop'
ip link add v7 type veth peer name v8; ip link set v7 group 28277
ip address add 169.254.64.1/30 dev nwu1-0
nft add table ip netwright; nft add table ip netwright-other
nft 'add chain ip netwright-other out { type nat hook postrouting priority srcnat; }'
nft 'add rule ip netwright-other out ip saddr 169.254.64.0/30 oifname != "nwu1-0" masquerade'
nft add table ip lab_nat; nft add table inet lab_policy
ip netns add shop.web1; ip netns add web1; ip netns add @; ip -n web1 link set lo up
mkdir -p $LABS/notes $LABS/shop.old $LABS/.hidden "$LABS/two words" $LABS/empty
echo mine >$LABS/notes/todo; echo mine >$LABS/shop.old/entry; echo mine >$LABS/.hidden/lab.db; echo mine >"$LABS/two words/lock"; echo mine >$LABS/file
ln -s /etc $LABS/link
"""
NAMED = "open('/proc/self/comm', 'w').write('nw-lab shop'); print(1, flush=True); import signal; signal.pause()"


def everything(box: Sandbox, program: int) -> str:
    files = box.run(["sh", "-c", f"cd {PLACE}/labs && ls -liAR --time-style=full-iso . | grep -v '^total' && cat file */todo && cat /proc/{program}/comm && ip -n web1 address && ip -n @ link"])
    assert files.code == 0, files.err
    return dump(box) + files.out


@pytest.fixture(params=USERS)
def beside(request: pytest.FixtureRequest, sandbox: Sandbox) -> tuple[Nw, int]:
    """The program, and a process that is called as a holder would be."""
    sandbox.quiet()
    connect(sandbox)
    nw = Nw(sandbox, request.param)
    nw.box.run([*nw.prefix, "mkdir", "-p", "-m", "700", f"{PLACE}/labs"])
    done = sandbox.run(["sh", "-ec", OTHERS], env={"LABS": f"{PLACE}/labs"})
    assert done.code == 0, done.err
    program = sandbox.popen([*nw.prefix, nw.python, "-ISc", NAMED], out="/run/named")
    wait_for(sandbox, "/run/named")
    return nw, program


def test_what_is_not_ours_stays(beside: tuple[Nw, int]):
    nw, program = beside
    box = nw.box
    box.run(["sh", "-c", f"chown -R --reference={PLACE}/labs {PLACE}/labs"])
    before = everything(box, program)
    path = nw.file("shop.lab.yaml", LAB)
    nw("up", path)
    assert nw("ls", "-q") == "shop\n"
    nw("exec", "shop/web1", "ping", "-c1", "-w30", "db")
    nw("up", path, "--name", "other")
    assert nw("gc") == "nothing to do: every lab is well\n"
    holder = next(lab["holder"] for lab in nw.json("ls") if lab["lab"] == "shop")
    nw("down", "other")
    box.kill(holder, 9)
    box.run(["sh", "-c", f"while grep -qs '^State:.[^Z]' /proc/{holder}/status; do sleep 0.01; done"])
    assert nw("gc") == "shop: removed\n"
    box.run(["sh", "-c", f"mkdir -m 1700 {PLACE}/labs/late && chown --reference={PLACE}/labs {PLACE}/labs/late"])
    assert nw("gc", "--dry-run") == "late: would be removed\n"
    assert nw("gc") == "late: removed\n", "of a down that was killed before its last step"
    nw("up", path)
    nw("down")
    assert nw("gc") == "nothing to do: every lab is well\n"
    assert nw("down", "--all") == "nothing to do: there is no lab\n"
    assert everything(box, program) == before


def test_an_uplink_beside_them(sandbox: Sandbox):
    sandbox.quiet()
    connect(sandbox)
    nw = Nw(sandbox, "root")
    sandbox.run(["mkdir", "-p", f"{PLACE}/labs"])
    assert sandbox.run(["sh", "-ec", OTHERS], env={"LABS": f"{PLACE}/labs"}).code == 0
    before = dump(sandbox)
    nw("up", nw.file("shop.lab.yaml", LAB + "uplink: true\n"))
    nw("exec", "shop/web1", "ping", "-c1", "-w30", "198.51.100.7")
    nw("down")
    assert dump(sandbox) == before


def test_a_directory_that_is_in_the_way_is_told(beside: tuple[Nw, int]):
    nw, program = beside
    nw.box.run(["sh", "-c", f"chown -R --reference={PLACE}/labs {PLACE}/labs"])
    before = everything(nw.box, program)
    done = nw.result("up", nw.file("notes.lab.yaml", LAB), "--name", "notes")
    assert done.code == 1
    assert done.err.startswith(f"nw up: {PLACE}/labs/notes is not a lab's\n    there is something in it that was not made here; ")
    assert nw.result("down", "notes").code == 1
    assert everything(nw.box, program) == before


def test_the_labs_of_another_user_are_not_ours(sandbox: Sandbox):
    root, user = Nw(sandbox, "root"), Nw(sandbox, "ordinary")
    path = root.file("shop.lab.yaml", LAB)
    user("up", path)
    done = root.result("up", path)
    assert done.code == 1
    assert "belongs to somebody else" in done.err
    sandbox.run(["mkdir", "/run/roots"])
    root("up", path, env={"NETWRIGHT_RUNTIME_DIR": "/run/roots"})
    assert user.result("ls", "-q", env={"NETWRIGHT_RUNTIME_DIR": "/run/roots"}).code == 1
    assert user("ls", "-q") == "shop\n"
    user("down")
    assert root("ls", "-q", env={"NETWRIGHT_RUNTIME_DIR": "/run/roots"}) == "shop\n"
    root("down", env={"NETWRIGHT_RUNTIME_DIR": "/run/roots"})

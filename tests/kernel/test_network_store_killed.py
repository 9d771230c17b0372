"""The store of container networks: many processes at once, and processes killed at any moment.

These stand here and not in tests/pure since every one of them starts a hundred processes."""

import os
import shutil
import signal
import sys

import pytest

from netwright.model.route import Route
from netwright.networks.leases import allocate, leases, release
from netwright.networks.network import Network, Subnet
from netwright.networks.store import Store
from netwright.networks.values import Attachment, Leg, Port

WEB = Network("web", subnets=(Subnet("10.64.0.0/24", "10.64.0.1"), Subnet("fd00:1::/64", "fd00:1::1")), labels=(("a", "b"),))
EDGE = Attachment(
    "shop:eth0", "web", "nw-web", "veth1", "eth0", (Leg("10.64.0.2/24", "10.64.0.1"), Leg("fd00:1::2/64", "fd00:1::1")),
    (Route("default", via="10.64.0.1"),), "02:00:00:00:00:05", 1400, True, ports=(Port("tcp", "127.0.0.1", 8080, 80), Port("udp", "", 5000, 53, 10)),
)  # fmt: skip


@pytest.fixture
def places(tmp_path):
    return str(tmp_path / "state"), str(tmp_path / "run")


def fill(db: Store) -> None:
    with db.change():
        db.put(WEB)
        allocate(db, WEB, EDGE.owner, "shop")
        db.attach("shop", EDGE, {"aliases": ["a"]})


def all_of(db: Store):
    attached = [(one.container, one.attachment, one.details) for one in db.attachments()]
    return db.networks(), attached, leases(db), db.ports(), str(db.ula())


def lose(places) -> None:
    for name in os.listdir(places[0]):
        os.unlink(f"{places[0]}/{name}")


def in_children(count: int, work) -> list[str]:
    """What `work(number)` of so many processes at once wrote; each is its own process, as commands are."""
    pipes = []
    for number in range(count):
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                os.close(reading)
                os.write(writing, work(number).encode())
                code = 0
            finally:
                os._exit(code)
        os.close(writing)
        pipes.append((pid, reading))
    out = []
    for pid, reading in pipes:
        with open(reading) as file:
            out.append(file.read())
        os.waitpid(pid, 0)
    return out


def test_64_processes_get_64_addresses_even_of_a_database_that_none_has_made_yet(places):
    def one(number: int) -> str:
        with Store(*places, patience=60) as db:
            with db.change():
                db.put(WEB)
                legs = allocate(db, WEB, f"c{number}:eth0", f"c{number}")
            return " ".join(leg.address for leg in legs)

    found = in_children(64, one)
    assert all(found)
    assert len({text for pair in found for text in pair.split()}) == 128
    with Store(*places) as db:
        assert len(leases(db)) == 128
        assert db.do("PRAGMA integrity_check") == [("ok",)]


def test_a_process_killed_in_the_middle_leaves_a_good_database(places):
    with Store(*places) as db:
        fill(db)
        expected = all_of(db)

    def one(number: int) -> str:
        with Store(*places, patience=60) as db, db.change():
            for at in range(number):
                allocate(db, WEB, f"k{number}-{at}:eth0", "k")
                db.attach("k", Attachment(f"k{number}-{at}:eth0", "web", "d", "p", "eth0"))
            os.kill(os.getpid(), signal.SIGKILL)
        return "alive"

    assert in_children(8, one) == [""] * 8
    with Store(*places) as db:
        assert all_of(db) == expected
        assert db.do("PRAGMA integrity_check") == [("ok",)]


CALLS = {"execute", "connect", "rename", "open", "unlink", "write", "close", "flock", "commit"}


def dies_at(places, step: int, work) -> bool:
    """Run `work` in a process that is killed at its so-manieth call that reaches the machine; False when there were not so many."""

    def one(_: int) -> str:
        left = step

        def count(_frame, event: str, called) -> None:
            nonlocal left
            if event == "c_call" and called.__name__ in CALLS:
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        with Store(*places) as db:
            work(db)
        sys.setprofile(None)
        return "through"

    return in_children(1, one) == [""]


def leave(db: Store) -> None:
    with db.change():
        db.detach(EDGE.owner)
        release(db, EDGE.owner)


def test_killed_at_every_step_of_the_first_command(places):
    step = 0
    while dies_at(places, step, fill):
        with Store(*places) as db:
            assert db.notices == []
            assert db.do("PRAGMA integrity_check") == [("ok",)]
            assert len(db.attachments()) == len(db.networks()) == len(db.ports()) / 2 == len(leases(db)) / 2
        lose(places)
        shutil.rmtree(places[1], ignore_errors=True)
        step += 1
    assert step > 30
    with Store(*places) as db:
        assert db.attachments()[0].attachment == EDGE


def test_killed_at_every_step_of_attaching_and_leaving(places):
    with Store(*places) as db:
        db.put(WEB)
    for work, expected in ((fill, 1), (leave, 0)):
        step = 0
        while dies_at(places, step, work):
            with Store(*places) as db:
                assert len(db.attachments()) in (0, 1)
                assert db.do("PRAGMA integrity_check") == [("ok",)]
                (leave if expected else fill)(db)
            step += 1
        assert step > 10
        with Store(*places) as db:
            assert len(db.attachments()) == expected
    assert not [name for name in os.listdir(f"{places[1]}/.networks") if name.startswith("owner")]

"""The store of container networks on a disk that is full, and on one that cannot be written."""

import pytest

CODE = """
import sys
from netwright.errors import CallFailed
from netwright.networks.leases import allocate, leases
from netwright.networks.network import Network, Subnet
from netwright.networks.store import Store

web = Network("web", subnets=(Subnet("10.64.0.0/16", "10.64.0.1"),))
done = 0
try:
    with Store("/mnt/state", "/mnt/run") as db:
        db.put(web)
        while done < 20000:
            with db.change():
                for _ in range(20):
                    allocate(db, web, f"{sys.argv[1]}{done}:eth0", "x" * 60)
                    done += 1
except CallFailed as error:
    print("refused", error.errno, error)
if sys.argv[2:]:
    import os
    for name in os.listdir("/mnt/fill"):
        os.unlink("/mnt/fill/" + name)
with Store("/mnt/state", "/mnt/run") as db:
    print("good", db.do("PRAGMA integrity_check")[0][0], sorted(db.networks()), len(leases(db)) % 20)
"""


@pytest.fixture
def disk(sandbox):
    script = "mkdir -p /mnt && mount -t tmpfs -o size=3m,mode=755 none /mnt && mkdir /mnt/fill"
    result = sandbox.run(["sh", "-ec", script])
    assert result.code == 0, result.err
    yield "/mnt"
    sandbox.run(["umount", "-l", "/mnt"])


def test_a_full_disk(sandbox, disk):
    sandbox.run(["sh", "-c", "head -c 2300000 /dev/zero > /mnt/fill/big"])
    result = sandbox.python(CODE, "a", "free", timeout=180.0)
    assert "refused 28" in result.out, result
    assert "make room" in result.out
    assert "good ok ['web'] 0" in result.out


def test_a_disk_that_cannot_be_written(sandbox, disk):
    made = sandbox.python('from netwright.networks.store import Store\nStore("/mnt/state", "/mnt/run").close()')
    assert made.code == 0, made.err
    assert sandbox.run(["mount", "-o", "remount,ro", "/mnt"]).code == 0
    result = sandbox.python('from netwright.networks.store import Store\nStore("/mnt/state", "/mnt/run")')
    assert result.code == 1
    assert "CallFailed: cannot" in result.err
    assert "NETWRIGHT_STATE_DIR" in result.err

"""Where systemd runs the responder for names is in a scope of its own: it outlives the service whose container came first."""

import os

import pytest
from sandbox import Sandbox

SYSTEMD_RUN = """#!/bin/sh
echo "$XDG_RUNTIME_DIR $*" >>/run/asked
{fails}
while [ "$1" != -- ]; do shift; done
shift
IN_SCOPE=yes exec "$@"
"""
UP = """
from netwright.networks.dns import responder, zones
from netwright.networks.dns.zone import Zone
zones.write(Zone("blue", ("127.0.0.9",), 5300))
responder.ensure()
pid = responder.status()["pid"]
print(b"IN_SCOPE=yes" in open(f"/proc/{pid}/environ", "rb").read().split(bytes(1)))
responder.stop()
"""


@pytest.fixture
def box(sandbox: Sandbox) -> Sandbox:
    sandbox.ip("link set lo up")
    return sandbox


def started(box: Sandbox, fails: str = "") -> tuple[str, list[str]]:
    """Whether it is in a scope; what systemd-run was asked."""
    box.write("/run/bin/systemd-run", SYSTEMD_RUN.format(fails=fails))
    assert box.run(["chmod", "+x", "/run/bin/systemd-run"]).code == 0
    result = box.python(UP, env={"PATH": f"/run/bin:{os.environ['PATH']}", "XDG_RUNTIME_DIR": "/run/user/7"})
    assert result.code == 0, result.err
    asked = box.run(["cat", "/run/asked"]).out.splitlines()
    return result.out.strip(), asked


def test_a_scope_of_its_own(box: Sandbox):
    box.write("/run/systemd/system/x", "")
    scoped, (asked,) = started(box)
    assert scoped == "True"
    whose = "" if os.getuid() == 0 and (box.read("/proc/self/uid_map").split() == ["0", "0", "4294967295"]) else "--user "
    assert asked.startswith(f"/run/user/7 --quiet --scope --collect {whose}-- /")


@pytest.mark.parametrize("fails", ["exit 1", "kill -9 $$"])
def test_without_one_where_systemd_gives_none(box: Sandbox, fails: str):
    box.write("/run/systemd/system/x", "")
    scoped, asked = started(box, fails)
    assert (scoped, len(asked)) == ("False", 1)


def test_where_no_systemd_runs_it_is_not_asked(box: Sandbox):
    assert started(box) == ("False", [])

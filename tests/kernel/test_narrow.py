"""A few devices of a busy host, looked at while others make and delete them."""

from sandbox import Sandbox

CODE = """
import subprocess, time
from netwright.engine import narrow
lines = "link add br9 type bridge\\nlink set br9 up\\naddr add 10.99.0.1/24 dev br9\\nlink del br9\\n"
open("/run/batch", "w").write(lines * 5)
others = subprocess.Popen(["sh", "-c", "until [ -e /run/enough ]; do ip -batch /run/batch || exit; done"])
seen, looks, deadline = set(), 0, time.monotonic() + 60
with narrow.Spots({"": None}) as place:
    while (len(seen) < 2 or looks < 500) and time.monotonic() < deadline:
        seen.add(bool(narrow.look_at(place, {"": ("br9",)}).namespaces[""].devices))
        looks += 1
open("/run/enough", "w").close()
print(others.wait(), sorted(seen))
"""


def test_a_device_that_goes_while_it_is_looked_at_is_not_there(sandbox: Sandbox):
    done = sandbox.python(CODE)
    assert done.out == "0 [False, True]\n", done.err

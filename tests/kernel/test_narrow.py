"""A few devices of a busy host, looked at while others make and delete them."""

from sandbox import Sandbox

CODE = """
import subprocess
from netwright.engine import narrow
lines = "link add br9 type bridge\\nlink set br9 up\\naddr add 10.99.0.1/24 dev br9\\nlink del br9\\n"
open("/run/batch", "w").write(lines * 30)
others = subprocess.Popen(["ip", "-batch", "/run/batch"])
seen = set()
with narrow.Spots({"": None}) as place:
    while others.poll() is None:
        seen.add(bool(narrow.look_at(place, {"": ("br9",)}).namespaces[""].devices))
print(others.returncode, sorted(seen))
"""


def test_a_device_that_goes_while_it_is_looked_at_is_not_there(sandbox: Sandbox):
    done = sandbox.python(CODE)
    assert done.out == "0 [False, True]\n", done.err

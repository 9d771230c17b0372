"""@value: frozen, compared and hashed by fields, with defaults; and that importing the package costs nothing."""

import copy
import pickle
import subprocess
import sys
from importlib.util import find_spec

import pytest

from netwright.model.address import Address
from netwright.model.link import Link
from netwright.model.value import replace


def test_compared_by_fields():
    assert Link("a", 1) == Link(name="a", index=1)
    assert Link("a") != Link("b")
    assert Link("a") != Address("10.0.0.1/24", "a")
    assert len({Link("a"), Link("a"), Link("b")}) == 2


def test_frozen():
    link = Link("a")
    with pytest.raises(AttributeError):
        link.name = "b"
    with pytest.raises(AttributeError):
        del link.name
    assert not hasattr(link, "__dict__")


@pytest.mark.parametrize("wrong", [lambda: Link(), lambda: Link("a", nme=1), lambda: Link("a", name="a"), lambda: Address(*"x" * 20)])
def test_wrong_arguments(wrong):
    with pytest.raises(TypeError):
        wrong()


def test_copies():
    link = Link("a", options=(("id", 7),))
    assert pickle.loads(pickle.dumps(link)) == copy.copy(link) == link
    assert replace(link, name="b") == Link("b", options=(("id", 7),))
    assert link.option("id") == 7
    assert repr(Address("10.0.0.1/24", "a")).startswith("Address(address='10.0.0.1/24', link='a'")
    assert str(Address("10.0.0.1/24", "a").interface.network) == "10.0.0.0/24"


def test_import_is_free():
    code = "import sys; before = set(sys.modules); import netwright; print(sorted(set(sys.modules) - before), netwright.__version__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("['netwright'] ")


def test_every_export_is_there():
    import netwright

    assert all(getattr(netwright, name) for name in netwright.__all__)
    with pytest.raises(AttributeError):
        netwright.nonsense  # noqa: B018


def test_no_heavy_import():
    heavy = {"asyncio", "subprocess", "socket", "argparse", "logging", "ipaddress"}
    if find_spec("netwright.kernel._syscalls"):  # where no compiler was, ctypes stands in for the extension
        heavy.add("ctypes")
    code = f"import sys, netwright; netwright.Namespace; netwright.sweep; netwright.Event; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"

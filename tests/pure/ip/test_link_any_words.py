"""Whatever the words: an operation that can be sent, or an exit as ip has it; never anything else."""

import importlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from link_fakes import command

from netwright.ip.exits import Exit
from netwright.ip.front import NotOurs
from netwright.ip.link import add, delete, set
from netwright.ip.link.parse import WORDS
from netwright.ip.link.words import READERS
from netwright.kernel.rtnl import LINK
from netwright.model.kinds import MODULES

DEVICES = ("eth0", "br0")
GENERIC = [entry[0] for entry in WORDS]
VALUES = st.sampled_from(["on", "off", "0", "1", "-1", "300", "70000", "99999999999", "10.0.0.1", "239.0.0.1", "fd00::1", "", "x", "red", "inherit", "1:2",
                          "02:00:00:00:00:01", "any", "default", "\udcff", *DEVICES])  # fmt: skip


def vocabulary(kind: str) -> list[str]:
    module = importlib.import_module(f"netwright.model.kinds.{MODULES[kind.removesuffix('_slave')]}")
    table = getattr(module, "SLAVE_OPTIONS" if kind.endswith("_slave") else "OPTIONS", None)
    return table.words() if table else ["mode", "flag", "macaddr", "add", "set", "peer", "key", "iseq", "ttl", "remote", "local", "encap", "fwmark"]


KIND_WORDS = st.sampled_from(sorted(READERS)).flatmap(
    lambda kind: st.tuples(st.just(["type", kind]), st.lists(st.sampled_from(vocabulary(kind)) | VALUES, max_size=8)).map(lambda pair: pair[0] + pair[1])
)
LINES = st.tuples(st.lists(st.sampled_from(GENERIC) | VALUES, max_size=6), st.just([]) | KIND_WORDS).map(lambda pair: pair[0] + pair[1])


class Lookup:
    """Numbers for names."""

    def index(self, name: str) -> int:
        return 7

    def namespace(self, reference: str) -> int:
        return 5


def settled(value: Any) -> Any:
    """Settings as they are sent: `link-netns NAME` has its number."""
    if isinstance(value, dict):
        return {name: 3 if name == "link_netnsid" else settled(item) for name, item in value.items()}
    return value


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([("add", add), ("replace", add), ("set", set), ("delete", delete)]), LINES)
def test_any_words(verb: Any, line: list[str]) -> None:
    asked = command(verb[0], *DEVICES, namespaces=("red",))
    try:
        op = verb[1].operation(line, asked)
    except (Exit, NotOurs):
        return
    header = {**op.header, "index": 7}
    LINK.body(header, settled(op.settings), Lookup())

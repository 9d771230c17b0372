"""nftables of a namespace: whole tables as text through nft(8), in one transaction; simple elements and deletions by message.

`inside` is an open fd of the network namespace. nft is started by a short-lived thread that went there, with memory files
for its input and output: nothing can fill up and block, and the caller does not move.
"""

from __future__ import annotations

import errno
import os

from ..errors import CallFailed, Exists, Invalid, Missing, NotSupported, Refused, kernel_error
from ..model.nft_text import element_text, parsed, put_text, rendered
from . import nfnetlink
from .nfnetlink import Nfnetlink
from .process import exit_code, find_program
from .spaces import run_inside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..errors import NetwrightError
    from ..model.nft import Table
    from .netlink import Request
    from .nfnetlink import Pair

    Change = tuple[str, str, Sequence[str]]

_REFUSED = r"(?:Error: (?:.*: )?|^)([^:;(\n]+)"
_PLACE = r"/dev/stdin:(\d+):(\d+)-(\d+): Error: (.*)\n(.*)"
# The first word of what nft points at -> what the kernel was built without, where it answers "no such file" to that.
_OPTIONS = {
    "masquerade": "NFT_MASQ", "redirect": "NFT_REDIR", "snat": "NFT_NAT", "dnat": "NFT_NAT", "log": "NFT_LOG", "limit": "NFT_LIMIT",
    "reject": "NFT_REJECT", "numgen": "NFT_NUMGEN", "ct": "NFT_CT", "queue": "NFT_QUEUE", "quota": "NFT_QUOTA", "jhash": "NFT_HASH",
    "symhash": "NFT_HASH", "tproxy": "NFT_TPROXY", "socket": "NFT_SOCKET", "osf": "NFT_OSF", "synproxy": "NFT_SYNPROXY",
    "fib": "NFT_FIB_INET", "ipsec": "NFT_XFRM", "tunnel": "NFT_TUNNEL", "dup": "NFT_DUP_IPV4", "fwd": "NFT_FWD_NETDEV",
    "flow": "NFT_FLOW_OFFLOAD", "flowtable": "NF_FLOW_TABLE", "ibrname": "NFT_BRIDGE_META", "obrname": "NFT_BRIDGE_META",
    "bridge": "NF_TABLES_BRIDGE", "inet": "NF_TABLES_INET", "netdev": "NF_TABLES_NETDEV", "arp": "NF_TABLES_ARP",
}  # fmt: skip
_FIXES = {
    errno.EPERM: nfnetlink.ADMIN,
    errno.EACCES: nfnetlink.ADMIN,
    errno.EMSGSIZE: "too much for one transaction without root: as root, sysctl -w net.core.wmem_max=8388608",
}


def load(inside: int, text: str) -> None:
    """`nft -f -`: all of it or nothing. Invalid where nft cannot read it, a KernelError where the kernel refuses."""
    _nft(inside, ["-f", "-"], text)


def read(inside: int) -> dict[tuple[str, str], Table]:
    """Every table, by (family, name); nft is not even started when there is none."""
    with Nfnetlink(inside) as netlink:
        if not nfnetlink.tables(netlink):
            return {}
    return parsed(_nft(inside, ["-s", "list", "ruleset"]))


def read_table(inside: int, family: str, name: str) -> Table:
    """One table with its rules. Missing when there is none."""
    return parsed(_nft(inside, ["-s", "list", "table", family, name]))[family, name]


def hooks(inside: int) -> dict[tuple[str, str], Table]:
    """Every table with its chains, of which only hook and policy are told: by message, whatever the rules are."""
    from ..model.nft import Chain
    from ..model.nft import Table as Found
    from ..model.value import replace

    out: dict[tuple[str, str], Table] = {}
    with Nfnetlink(inside) as netlink:
        for family, name, chain, hook, policy in nfnetlink.chains(netlink):
            table = out.get((family, name), Found(family, name))
            out[family, name] = replace(table, chains={**table.chains, chain: Chain(hook=hook, policy=policy)})
    return out


def put(inside: int, table: Table) -> None:
    """The table as it is wanted, in one transaction: packets see the old one or the new one."""
    # A transaction that deletes something waits for every processor (13 ms), so a new table is made without that.
    with Nfnetlink(inside) as netlink:
        new = (table.family, table.name) not in nfnetlink.tables(netlink)
    if new:
        try:
            return load(inside, f"create table {table.family} {table.name}\n{rendered(table)}")
        except Exists:
            pass  # somebody else was quicker
    return load(inside, put_text(table))


def delete(inside: int, family: str, name: str) -> None:
    """`nft delete table FAMILY NAME`. Missing when there is none."""
    with Nfnetlink(inside) as netlink:
        netlink.change([nfnetlink.delete_table(family, name)])


def add_elements(inside: int, family: str, table: str, name: str, elements: Sequence[str]) -> None:
    """`nft add element`: those that are there stay. Exists for a map's key that has another value."""
    change_elements(inside, family, table, name, add=elements)


def delete_elements(inside: int, family: str, table: str, name: str, elements: Sequence[str]) -> None:
    """`nft delete element`: of simple types those that are not there are no error."""
    change_elements(inside, family, table, name, delete=elements)


def change_elements(
    inside: int, family: str, table: str, name: str, *, add: Sequence[str] = (), delete: Sequence[str] = ()
) -> None:
    """Deletions, then additions, in one transaction: a map is never seen without a key that only changes its value.

    (Without root, thousands of elements go in several transactions, see `_change`.)
    """
    change(inside, family, table, [(verb, name, some) for verb, some in (("delete", delete), ("add", add)) if some])


def change(inside: int, family: str, table: str, changes: Sequence[Change], by: Nfnetlink | None = None) -> None:
    """("add" or "delete", set, elements) in any number of sets of one table, in this order, in one transaction. `by`: a socket there.

    Missing when there is no such table or set, Exists for a map's key that has another value.
    """
    if changes and not _by_message(by or Nfnetlink(inside), family, table, changes):
        load(inside, "".join(element_text(verb, family, table, name, some) for verb, name, some in changes))


def _by_message(socket: Nfnetlink, family: str, table: str, changes: Sequence[Change]) -> bool:
    """True when done; False where only nft can read these elements."""
    from .nft_elements import encoded

    pairs: list[list[Pair]] = []
    with socket as netlink:
        for _, name, elements in changes:
            found = encoded(nfnetlink.set_definition(netlink, family, table, name), elements)
            if found is None:
                return False
            pairs.append(found)
        try:
            _change(netlink, _requests(family, table, changes, pairs, False))
        except Refused as error:
            if error.errno != errno.EINVAL or all(verb == "add" for verb, *_ in changes):
                raise
            # Before 6.3 the kernel does not know "destroy".
            _change(netlink, _requests(family, table, changes, pairs, True))
    return True


def _requests(family: str, table: str, changes: Sequence[Change], pairs: list[list[Pair]], present: bool) -> list[Request]:
    out: list[Request] = []
    for (verb, name, _), some in zip(changes, pairs, strict=True):
        if verb == "add":
            out += nfnetlink.add_elements(family, table, name, some)
        else:
            out += nfnetlink.delete_elements(family, table, name, some, present=present)
    return out


def get_elements(
    inside: int, family: str, table: str, wanted: Iterable[tuple[str, str]], by: Nfnetlink | None = None
) -> list[tuple[bytes, str] | None]:
    """(the data's bytes, the comment) of the element with each (set, key in nft's words); None where it, or its set, is not there."""
    from .nft_elements import keys_of

    asked = list(wanted)
    by_set: dict[str, list[int]] = {}
    for at, (name, _) in enumerate(asked):
        by_set.setdefault(name, []).append(at)
    out: list[tuple[bytes, str] | None] = [None] * len(asked)
    # One socket for all: with one for each, the thread that opens it costs ten times the question.
    with by or Nfnetlink(inside) as netlink:
        for name, places in by_set.items():
            kind = _definition(netlink, family, table, name)
            if kind:
                keys = keys_of(kind, [asked[at][1] for at in places])
                for at, found in zip(places, nfnetlink.elements(netlink, family, table, name, keys), strict=True):
                    out[at] = found
    return out


def _definition(netlink: Nfnetlink, family: str, table: str, name: str) -> tuple[int, int, int, int] | None:
    try:
        return nfnetlink.set_definition(netlink, family, table, name)
    except Missing:
        return None


def _change(netlink: Nfnetlink, requests: list[Request]) -> None:
    """One transaction; without root a socket holds some 200 KB (net.core.wmem_max), and more than that needs several."""
    try:
        netlink.change(requests)
    except CallFailed as error:
        if error.errno != errno.E2BIG:
            raise
        for request in requests:
            netlink.change([request])


# -- the program ---------------------------------------------------------------------------------------------------------


def _nft(inside: int, arguments: Sequence[str], text: str = "") -> str:
    """What nft prints."""
    program = find_program("nft", but_not=[])
    if not program:
        raise CallFailed("nft is not there", errno.ENOENT, why="nftables are loaded through nft(8)", fix="apt-get install nftables")
    files = [os.memfd_create(name) for name in ("nft-in", "nft-out", "nft-err")]
    try:
        _fill(files[0], text.encode("utf-8", "surrogateescape"))
        code = _run(inside, [program, *arguments], files)
        out, err = (_all(fd) for fd in files[1:])
    finally:
        for fd in files:
            os.close(fd)
    if code:
        raise _failure(code, err)
    return out


def _fill(fd: int, text: bytes) -> None:
    """Half a ruleset may be a ruleset too (RLIMIT_FSIZE takes a part, and refuses the rest)."""
    at = 0
    while at < len(text):
        at += os.pwrite(fd, text[at:], at)


def _run(inside: int, argv: list[str], files: list[int]) -> int:
    # nft's errors are the C library's words: they are compared with ours, so no other language.
    environment = {**os.environ, "LC_ALL": "C"}
    actions = [(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate(files)]
    pid = run_inside(inside, lambda: os.posix_spawn(argv[0], argv, environment, file_actions=actions))
    return exit_code(os.waitpid(pid, 0)[1])


def _all(fd: int) -> str:
    return os.pread(fd, os.fstat(fd).st_size, 0).decode("utf-8", "surrogateescape")


def _failure(code: int, told: str) -> NetwrightError:
    """nft's own message, with the line and the caret, as the error that fits."""
    import re

    words = told.strip() or f"nft ended with {code} and no word"
    number = next(filter(None, map(_errno_of, re.findall(_REFUSED, words))), 0)
    if not number:
        return Invalid("nft cannot read this", why=words)
    place = re.search(_PLACE, words)
    marked = place[5][int(place[2]) - 1 : int(place[3])] if place else ""
    option = _option(marked)
    if option and number in (errno.ENOENT, errno.EOPNOTSUPP, errno.EAFNOSUPPORT):
        return NotSupported(number, words, subject="nft", fix=f"this kernel lacks CONFIG_{option}")
    return kernel_error(number, words, subject="nft", fix=_FIXES.get(number, ""))


def _errno_of(words: str) -> int:
    return next((number for number in errno.errorcode if os.strerror(number) == words.strip()), 0)


def _option(marked: str) -> str:
    words = marked.split()
    found = words[1] if len(words) > 1 and words[0] in ("meta", "table") else "".join(words[:1])
    return _OPTIONS.get(found, "")

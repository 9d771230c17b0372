"""Go's net/rpc over HTTP, both sides, as bytes in and out; and the types of CNI's DHCP daemon. net/rpc's documentation

    CONNECT /_goRPC_ HTTP/1.0           the client begins
    HTTP/1.0 200 Connected to Go RPC    the server agrees
    Request, arguments                  two gobs for each call
    Response, reply                     two gobs for each answer; with an Error the reply is an empty structure

The methods are DHCP.Allocate and DHCP.Release, as upstream has them, and ours: DHCP.Collect (GC). Arguments are always CmdArgs.
"""

from . import gob
from .gob import BYTES, INT, STRING, UINT, Slice, Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..protocol import Result
    from ..protocol.result import Route

ALLOCATE, RELEASE, COLLECT = "DHCP.Allocate", "DHCP.Release", "DHCP.Collect"
PATH = "/_goRPC_"
_CONNECTED = "200 Connected to Go RPC"
_LONGEST_HEAD = 4096
_LINK = 253  # the scope of what is on the link itself

REQUEST = Struct("Request", (("ServiceMethod", STRING), ("Seq", UINT)))
RESPONSE = Struct("Response", (("ServiceMethod", STRING), ("Seq", UINT), ("Error", STRING)))
NOTHING = Struct("", ())
ARGUMENTS = Struct("CmdArgs", (
    ("ContainerID", STRING), ("Netns", STRING), ("IfName", STRING), ("Args", STRING), ("Path", STRING), ("NetnsOverride", STRING),
    ("StdinData", BYTES),
))  # fmt: skip
_NET = Struct("IPNet", (("IP", BYTES), ("Mask", BYTES)))
_ADDRESS = Struct("IPConfig", (("Interface", INT), ("Address", _NET), ("Gateway", BYTES)))
_ROUTE = Struct("Route", (("Dst", _NET), ("GW", BYTES), ("MTU", INT), ("AdvMSS", INT), ("Priority", INT), ("Table", INT), ("Scope", INT)))
_DNS = Struct("DNS", (("Nameservers", Slice("[]string", STRING)), ("Domain", STRING), ("Search", Slice("[]string", STRING)), ("Options", Slice("[]string", STRING))))  # fmt: skip
RESULT = Struct("Result", (
    ("CNIVersion", STRING), ("IPs", Slice("[]*types100.IPConfig", _ADDRESS)), ("Routes", Slice("[]*types.Route", _ROUTE)), ("DNS", _DNS),
))  # fmt: skip


# -- the server's side -----------------------------------------------------------------------------------------------------


class Conversation:
    """One client's connection. `feed` gives the calls that are complete: (method, number, arguments)."""

    def __init__(self) -> None:
        self._head: bytes | None = b""
        self._reader, self._writer = gob.Reader(), gob.Writer()
        self._asked: dict[str, Any] | None = None
        self.greeting = b""  # what is to be sent first

    def feed(self, data: bytes) -> "list[tuple[str, int, dict[str, Any]]]":
        """Calls. ValueError when the client speaks something else: the connection is to be closed."""
        if self._head is not None:
            data = self._greeted(self._head + data)
        out = []
        for item in self._reader.feed(data):
            if not isinstance(item, dict):
                raise ValueError("a call is not a structure")
            if self._asked is None:
                self._asked = item
                continue
            out.append((_word(self._asked, "ServiceMethod"), _number(self._asked, "Seq"), item))
            self._asked = None
        return out

    def _greeted(self, head: bytes) -> bytes:
        """What follows the head, once it is complete."""
        end = min((at + len(mark) for mark in (b"\n\n", b"\r\n\r\n") if (at := head.find(mark)) >= 0), default=-1)
        if end < 0:
            if len(head) > _LONGEST_HEAD:
                raise ValueError("the head of the request is too long")
            self._head = head
            return b""
        words = head[:end].split(None, 2)
        if words[:2] != [b"CONNECT", PATH.encode()]:
            raise ValueError(f"only CONNECT {PATH} is answered here")
        self._head, self.greeting = None, f"HTTP/1.0 {_CONNECTED}\n\n".encode()
        return head[end:]

    def answer(self, method: str, number: int, kind: Struct, reply: "dict[str, Any]") -> bytes:
        """A reply."""
        return self._answered(method, number, "", kind, reply)

    def refuse(self, method: str, number: int, error: str) -> bytes:
        """An error."""
        return self._answered(method, number, error or "unknown error", NOTHING, {})

    def _answered(self, method: str, number: int, error: str, kind: Struct, reply: "dict[str, Any]") -> bytes:
        head = {"ServiceMethod": method, "Seq": number, "Error": error}
        return self._writer.message(RESPONSE, head) + self._writer.message(kind, reply)


def _word(item: "dict[str, Any]", name: str) -> str:
    found = item.get(name, "")
    if not isinstance(found, str):
        raise ValueError(f"{name} is no text")
    return found


def _number(item: "dict[str, Any]", name: str) -> int:
    found = item.get(name, 0)
    if not isinstance(found, int):
        raise ValueError(f"{name} is no number")
    return found


# -- the client's side -----------------------------------------------------------------------------------------------------


class Question:
    """One call: send `greeting`, feed what comes back, send `request` when `is_greeted`, feed the rest until there is an answer.

    The request has to wait: Go's server throws away what it has read beyond the greeting.
    """

    def __init__(self, method: str, arguments: "dict[str, Any]") -> None:
        writer = gob.Writer()
        call = writer.message(REQUEST, {"ServiceMethod": method, "Seq": 0}) + writer.message(ARGUMENTS, arguments)
        self.greeting, self.request = f"CONNECT {PATH} HTTP/1.0\n\n".encode(), call
        self._head: bytes | None = b""
        self._reader = gob.Reader()
        self._items: list[Any] = []

    @property
    def is_greeted(self) -> bool:
        """Whether the server has agreed."""
        return self._head is None

    def feed(self, data: bytes) -> "tuple[str, dict[str, Any]] | None":
        """(the error or "", the reply) once it is complete. ValueError when the server speaks something else."""
        if self._head is not None:
            self._head += data
            end = self._head.find(b"\n\n")
            if end < 0:
                if len(self._head) > _LONGEST_HEAD:
                    raise ValueError("the answer does not begin like one")
                return None
            first, data = self._head[:end].partition(b"\n")[0], self._head[end + 2 :]
            if _CONNECTED.encode() not in first:
                raise ValueError(f"it answers {first[:80].decode('ascii', 'replace')}")
            self._head = None
        self._items += self._reader.feed(data)
        if any(not isinstance(item, dict) for item in self._items):
            raise ValueError("the answer is no structure")
        error = self._items[0].get("Error", "") if self._items else ""
        if error:
            return str(error), {}
        return ("", self._items[1]) if len(self._items) > 1 else None


# -- a result --------------------------------------------------------------------------------------------------------------


def _packed_net(text: str) -> "dict[str, Any]":
    from .packet import packed

    host, _, length = text.partition("/")
    bits = int(length)
    return {"IP": packed(host), "Mask": (0xFFFFFFFF >> (32 - bits) << (32 - bits)).to_bytes(4, "big")}


def result_out(result: "Result") -> "dict[str, Any]":
    """The reply of Allocate. IPv4, as DHCP has it."""
    from .packet import packed

    ips = [{"Address": _packed_net(one.address), "Gateway": packed(one.gateway) if one.gateway else b""} for one in result.addresses]
    routes = [
        {"Dst": _packed_net(one.to), "GW": packed(one.via) if one.via else b"", "Priority": one.priority, "Scope": one.scope or 0}
        for one in result.routes
    ]
    dns = {"Nameservers": result.dns.nameservers, "Domain": result.dns.domain, "Search": result.dns.search}
    return {"CNIVersion": "1.0.0", "IPs": ips, "Routes": routes, "DNS": dns}


def result_in(reply: "dict[str, Any]") -> "Result":
    """The result that a reply of Allocate says. ValueError for a reply that says none."""
    from ..protocol.result import Address, Dns, Result

    try:
        found = [Address(_net_of(one["Address"]), _gateway_of(one.get("Gateway", b""))) for one in reply.get("IPs", [])]
        routes = [_route_in(one) for one in reply.get("Routes", [])]
        dns = reply.get("DNS", {})
        texts = {name: tuple(str(one) for one in dns.get(name, [])) for name in ("Nameservers", "Search", "Options")}
        domain = str(dns.get("Domain", ""))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the result has another form: {error}") from None
    return Result((), tuple(found), tuple(routes), Dns(texts["Nameservers"], domain, texts["Search"], texts["Options"]))


def _net_of(item: "dict[str, Any]") -> str:
    mask = item.get("Mask", b"")
    bits = int.from_bytes(mask, "big").bit_count() - (96 if len(mask) == 16 and mask[:12] == b"\xff" * 12 else 0)
    host = _host_of(item.get("IP", b""))
    if not host:  # net/IP's zero value for 0.0.0.0/0 has 4 zero bytes, which are not empty
        host = "0.0.0.0"
    return f"{host}/{bits}"


def _route_in(one: "dict[str, Any]") -> "Route":
    from ..protocol.result import Route

    via = _gateway_of(one.get("GW", b""))
    mtu, advmss, priority = (int(one.get(name, 0)) for name in ("MTU", "AdvMSS", "Priority"))
    return Route(_net_of(one["Dst"]), via, mtu, advmss, priority, one.get("Table"), one.get("Scope", None if via else _LINK))


def _gateway_of(data: bytes) -> str:
    """Older daemons say 0.0.0.0 for a route without a router."""
    found = _host_of(data)
    return "" if found == "0.0.0.0" else found


def _host_of(data: bytes) -> str:
    """The text of an address of Go's: 4 bytes, or 16 that may hold 4; "" for none."""
    from ...kernel.inet import ntoa

    if not data:
        return ""
    return ntoa(data[12:] if len(data) == 16 and data[:12] == bytes(10) + b"\xff\xff" else data)

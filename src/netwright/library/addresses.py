"""Addresses of a namespace: read and changed (`ip address`)."""

from __future__ import annotations

from ..engine import observe
from ..errors import Gone, Invalid
from ..model.address import FOREVER, SCOPES, Address
from ..plan import ops
from .networks import prefix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..plan.ops import MessageOp
    from .channel import Channel

_NODAD, _NOPREFIXROUTE = 0x02, 0x200
_SCOPE = {name: number for number, name in SCOPES.items()}


def scope_number(scope: str | int | None, default: int) -> int:
    """The number of a scope's name. Invalid for an unknown one."""
    if scope is None or isinstance(scope, int):
        return default if scope is None else scope
    if scope not in _SCOPE:
        raise Invalid(f"{scope!r} is no scope", fix=f"one of {', '.join(_SCOPE)}, or a number")
    return _SCOPE[scope]


class AddressVerbs:
    """add, set and delete: done at once by `Namespace.addresses`, collected by `Batch.addresses`."""

    def __init__(self, do: Callable[[MessageOp], None]) -> None:
        self._do = do

    def add(
        self,
        address: str,
        link: str | int,
        *,
        peer: str | None = None,
        broadcast: str | None = None,
        scope: str | int | None = None,
        label: str | None = None,
        metric: int | None = None,
        valid: int | None = None,
        preferred: int | None = None,
        nodad: bool = False,
        noprefixroute: bool = False,
    ) -> None:
        """Give a link (by name or index) an address: `ip address add 10.0.0.1/24 dev eth0`.

        Without a length it is the whole address (/32, /128). `valid` and `preferred` in seconds (None: for ever).
        Inside an existing subnet the new address is secondary, and vanishes with its primary.
        Invalid, Gone (no such link), Exists, NotPermitted, Refused.
        """
        header, settings = _message(address, link, peer)
        settings |= _extras(broadcast, label, metric, valid, preferred)
        if nodad or noprefixroute:
            settings["flags"] = (_NODAD if nodad else 0) | (_NOPREFIXROUTE if noprefixroute else 0)
        if scope is not None or address.startswith("127."):
            header["scope"] = scope_number(scope, 254)
        self._do(ops.AddAddress(header, settings))

    def set(self, address: str, link: str | int, *, valid: int | None = None, preferred: int | None = None, metric: int | None = None) -> None:
        """Add it, or change its lifetimes (seconds, None: for ever) and metric: `ip address replace`."""
        header, settings = _message(address, link, None)
        settings |= _extras(None, None, metric, valid, preferred)
        self._do(ops.AddAddress(header, settings, "replace"))

    def delete(self, address: str, link: str | int) -> None:
        """Take an address away: `ip address del 10.0.0.1/24 dev eth0`. Gone, Refused (EADDRNOTAVAIL: it is not there)."""
        self._do(ops.DeleteAddress(*_message(address, link, None)))


class Addresses(AddressVerbs):
    """The addresses of one namespace; add, set, delete take effect at once."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel.do)
        self._channel = channel

    def list(self, link: str | None = None, family: int = 0) -> tuple[Address, ...]:
        """All addresses, or those of one link or family (4, 6): `ip address show`. Gone when there is no such link."""
        with self._channel.session() as session:
            return observe.addresses(session, session.index(link) if link else 0, family)

    def get(self, address: str, link: str | None = None) -> Address:
        """The entry for an address, with or without its length. Gone when no link has it."""
        for found in self.list(link):
            if address in (found.address, found.address.partition("/")[0]):
                return found
        raise Gone(f"{self._channel.label} has no address {address}", fix="see addresses.list()")


def _message(address: str, link: str | int, peer: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    family, host, length = prefix(address)
    if peer is None:
        return {"family": family, "prefixlen": length, "index": link}, {"local": host, "address": host}
    _, other, length = prefix(peer)
    return {"family": family, "prefixlen": length, "index": link}, {"local": host, "address": other}


def _extras(broadcast: str | None, label: str | None, metric: int | None, valid: int | None, preferred: int | None) -> dict[str, Any]:
    given: dict[str, Any] = {"broadcast": broadcast, "label": label, "rt_priority": metric}
    out = {name: item for name, item in given.items() if item is not None}
    if valid is not None or preferred is not None:
        longest = FOREVER if valid is None else valid
        out["cacheinfo"] = {"valid": longest, "preferred": longest if preferred is None else preferred}
    return out

"""What is different between two maps, or two states of a device, as events. Pure."""

from .event import Event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model.address import Address
    from ..model import HostMap, Link, Space

# A device's state follows from these; counters change all the time and are no change.
_TOLD = ("kind", "master", "mtu", "mac", "alias", "altnames", "group", "qdisc", "flags", "options")


def link_words(before: "Link", after: "Link") -> str:
    """What became different, in words; "" when nothing did that anybody would call a change."""
    out = []
    if before.name != after.name:
        out.append(f"renamed from {before.name}")
    if before.up != after.up:
        out.append("up" if after.up else "down")
    if _state(before) != _state(after) and not (before.up != after.up and _state(after) in ("up", "down")):
        out.append(f"state {after.state}")
    for name in _TOLD:
        old, new = getattr(before, name), getattr(after, name)
        if old != new and not (name == "qdisc" and old in ("", "noop")):  # the one it gets when it comes up
            out.append(_field(name, old, new))
    if before.port != after.port and before.master == after.master:
        out.append("port " + _settings(dict(before.port), dict(after.port)))
    return ", ".join(word for word in out if word.strip())


def _state(link: "Link") -> str:
    return "up" if link.state == "unknown" and link.up else link.state


def _field(name: str, old: object, new: object) -> str:
    if name == "master":
        return f"in {new}" if new else f"no more in {old}"
    if name == "options":
        return _settings(dict(old), dict(new))  # type: ignore[call-overload]
    return f"{name} {_shown(new)}"


def _settings(was: "dict[str, object]", now: "dict[str, object]") -> str:
    """What is not there any more is as usual again: not what it was."""
    words = [f"{key} {_shown(found)}" for key, found in now.items() if key not in was or was[key] != found]
    return " ".join([*words, *(f"{key} {_shown(found is False)}" for key, found in was.items() if key not in now)])


def _shown(found: object) -> str:
    if isinstance(found, bool):
        return "on" if found else "off"
    return (" ".join(map(str, found)) or "none") if isinstance(found, tuple) else str(found) or "none"


def new_link_words(link: "Link") -> str:
    """A device that came."""
    return " ".join(word for word in (link.kind, f"in {link.master}" if link.master else "", "up" if link.up else "down") if word)


def address_words(address: "Address") -> str:
    """With the other end of a point-to-point address."""
    flags = "".join(f" {flag}" for flag in address.flags if flag in ("tentative", "dadfailed"))
    return address.address + (f" peer {address.peer}" if address.peer else "") + flags


# -- two maps ---------------------------------------------------------------------------------------------------------------


def difference(before: "HostMap", after: "HostMap") -> "list[Event]":
    """Namespaces, devices and addresses that came, went or changed. One that is known by a cable only (it has no inode) neither comes
    nor goes: a namespace that is being made, or taken down, is one for a moment, between one holder that can be seen and the next."""
    old = {space.id: space for space in before.namespaces}
    new = {space.id: space for space in after.namespaces}
    names = {**{id: space.name for id, space in old.items()}, **{id: space.name for id, space in new.items()}}
    out = [Event("namespace", "gone", id, space.name) for id, space in old.items() if id not in new and space.inode]
    for id, space in new.items():
        known = old.get(id)
        if known is None and not space.inode:
            continue
        if known is None:
            out.append(Event("namespace", "new", id, space.name, text=_whose(space)))
        elif known.name != space.name:
            out.append(Event("namespace", "changed", id, space.name, text=f"was called {known.name}"))
        out += _links(known, space, names)
        out += _addresses(known, space)
    return out


def _whose(space: "Space") -> str:
    owner = next((owner for owner in space.owners if owner.name == space.name), None)
    return f"({owner.kind})" if owner and owner.kind not in ("name", "host") else ""


def _links(before: "Space | None", after: "Space", names: "dict[str, str]") -> "Iterator[Event]":
    old = {link.index: link for link in before.links} if before else {}
    new = {link.index for link in after.links}
    for index, link in old.items():
        if index not in new:
            yield link_event("gone", after, link, "", _there(link, names))
    for link in after.links:
        known = old.get(link.index)
        if known is None and (before is not None or link.name != "lo"):
            yield link_event("new", after, link, new_link_words(link), _there(link, names))
        elif known is not None and known is not link and (text := link_words(known, link)):
            yield link_event("changed", after, link, text, _there(link, names))


def _there(link: "Link", names: "dict[str, str]") -> str:
    return names.get(link.peer[0], "") if link.peer else ""


def link_event(action: str, space: "Space", link: "Link", text: str, there: str) -> Event:
    """`there` is the name of the namespace in which the other end of its cable is."""
    return Event("link", action, space.id, space.name, link.name, text, link.peer, there)


def _addresses(before: "Space | None", after: "Space") -> "Iterator[Event]":
    old = {(one.address, one.link): one for one in before.addresses} if before else {}
    new = {(one.address, one.link) for one in after.addresses}
    for key, address in old.items():
        if key not in new:
            yield address_event("gone", after, address)
    for address in after.addresses:
        if (address.address, address.link) not in old and (before is not None or address.link != "lo"):
            yield address_event("new", after, address)


def address_event(action: str, space: "Space", address: "Address") -> Event:
    """An address that came or went."""
    text = address.address if action == "gone" else address_words(address)
    return Event("address", action, space.id, space.name, address.link, text)

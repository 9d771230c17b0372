"""The words of `ip link add|set|replace|delete`, up to `type`, in ip's order: abbreviations mean the first that fits.

How it works. `read_link` takes words until there are none or `type KIND` was read; each word is found in WORDS and its
reader changes a `Wanted`. `settle` then decides what the names mean (a name for a new device, or a device and its new name)
and checks what ip checks before it asks the kernel. The peer of a veth goes through both once more.
"""

from ...model.ifinfo import ADDRESS_MODES, LINK_MODES, STATES, SWITCHES, UP
from ...model.names import why_not_device_name
from ..exits import LOCAL, SYNTAX, Exit, Usage, duplicate, duplicate_or_garbage, no_device, wrong
from ..words import matches, signed, strtol, unsigned
from .command import Command, Wanted
from .devices import as_setting
from .switches import exactly_on_or_off, on_or_off

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..words import Words

    Reader = Callable[[str, Words, Wanted, Command], None]

_U32 = 0xFFFFFFFF
_NAME_BYTES = 15
_ALIAS_BYTES = 255  # IFALIASZ less one
_MOST_SEGMENTS = 65535
_EINVAL = 22


def read_link(words: "Words", command: Command) -> Wanted:
    """Take words up to the end or behind `type KIND`. Exit 255 (or 1, as ip has it) for those that make no sense."""
    wanted = Wanted()
    while words.more and wanted.kind is None:
        entry = _entry(words.peek)
        if entry is None:
            _bare(words, wanted, command)
        else:
            words.next()
            entry[2](entry[0], words, wanted, command)
    return wanted


def _entry(word: str) -> "tuple[str, bool, Reader] | None":
    for entry in WORDS:
        if word == entry[0] or (entry[1] and word and matches(word, entry[0])):
            return entry
    return None


# -- names -----------------------------------------------------------------------------------------------------------------


def _is_name(name: str, most: int = 0) -> bool:
    size = len(name.encode("utf-8", "surrogateescape"))
    return size > 0 and (not most or size <= most) and not any(c in "/ \t\n\v\f\r" for c in name)


def _name(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
    name = words.next()
    if wanted.name is not None:
        raise duplicate("name", name)
    if not _is_name(name, _NAME_BYTES):
        raise wrong(name, '"name" not a valid ifname', why=why_not_device_name(name))
    wanted.name = name
    if wanted.device is None:
        wanted.device = name


def _bare(words: "Words", wanted: Wanted, command: Command) -> None:
    """`dev NAME`, or the name alone."""
    if words.peek and matches(words.peek, "help"):
        raise Usage("link")
    if not command.applet and words.peek in ("keep", "--keep") and wanted.target and command.verb == "set":
        words.next()
        wanted.keep = True
        return
    words.take("dev")
    name = words.next()
    if wanted.device_given:
        raise _garbage(name, wanted.device or "")
    if not _is_name(name):
        raise wrong(name, '"dev" not a valid ifname', why=why_not_device_name(name))
    wanted.device, wanted.device_given = name, True


def _garbage(word: str, device: str) -> Exit:
    end = duplicate_or_garbage("dev", word)
    end.why, end.fix = _what_is(word, device)
    return end


def _what_is(word: str, device: str) -> tuple[str, str]:
    """(why, fix) about a word where no name belongs. It may be the one before that is no name, but a keyword misspelt."""
    from ...model.meant import did_you_mean

    known = [entry[0] for entry in WORDS]
    for suspect in (word, device):
        if question := did_you_mean(suspect, known):
            return f'"{suspect}" is no keyword', question
    return f'the device has a name already, and "{word}" is no keyword', ""


# -- words with a value ------------------------------------------------------------------------------------------------------


def _up(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
    wanted.set_flag(UP, word == "up")


def _flag(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
    bit, when_on = SWITCHES[word]
    wanted.set_flag(bit, exactly_on_or_off(word, words.next()) == when_on)


def _index(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
    text = words.next()
    if wanted.index:
        raise duplicate("index", text)
    wanted.index = atoi(text)
    if wanted.index <= 0:
        raise wrong(text, 'Invalid "index" value', why="an index is a number from 1 to 2147483647")


def atoi(text: str) -> int:
    """C's atoi: the digits in front, 0 when there are none; what is too large wraps as an int does."""
    body = text.lstrip(" \t\n\v\f\r")
    sign, body = (-1, body[1:]) if body[:1] == "-" else (1, body.removeprefix("+"))
    digits = body[: len(body) - len(body.lstrip("0123456789"))]
    value = max(-(1 << 63), min((1 << 63) - 1, sign * int(digits or "0"))) & _U32
    return value - (1 << 32) if value >> 31 else value


def _link(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
    wanted.link = words.next()


def _hardware(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
    from .lladdr import setting

    wanted.settings["broadcast" if word == "brd" else word] = setting(words.next())


def _once(field: str, shown: str) -> "Reader":
    """A whole number that may be given once. (ip takes -1 for `not given yet`; so do we.)"""

    def read(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
        text = words.next()
        if wanted.once.get(field, -1) != -1:
            raise duplicate(shown, text)
        found = signed(text)
        if found is None:
            raise wrong(text, f'Invalid "{shown}" value', why="a whole number belongs here")
        wanted.once[field] = found
        wanted.settings[field] = found & _U32

    return read


def _size(field: str, most: int = _U32) -> "Reader":
    def read(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
        text = words.next()
        found = unsigned(text)
        if found is None or found > most:
            raise wrong(text, f'Invalid "{word}" value', why=f"a number from 0 to {most} belongs here")
        wanted.settings[field] = found

    return read


def _on_off(field: str) -> "Reader":
    def read(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
        # The exit code is what ip's main makes of -EINVAL.
        wanted.settings[field] = int(on_or_off(word, words.next(), _EINVAL))

    return read


def _one_of(field: str, names: tuple[str, ...], message: str) -> "Reader":
    def read(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
        text = words.next()
        if text.lower() not in names:
            raise wrong(text, message, why="one of " + ", ".join(names))
        wanted.settings[field] = names.index(text.lower())

    return read


def _address_mode(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
    text = words.next()
    if text.lower() not in ADDRESS_MODES:
        raise wrong(text, "Invalid address generation mode", why="one of " + ", ".join(ADDRESS_MODES))
    wanted.settings["af_spec"] = {"inet6": {"addr_gen_mode": ADDRESS_MODES.index(text.lower())}}


def _alias(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
    text = words.next()
    size = len(text.encode("utf-8", "surrogateescape"))
    if size > _ALIAS_BYTES:
        raise wrong(text, "alias too long", why=f"an alias has at most {_ALIAS_BYTES} bytes, this has {size}")
    wanted.settings["ifalias"] = text


def _parent(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
    wanted.settings["parent_dev_name"] = words.next()


def _group(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
    from ..tables import number_of

    text = words.next()
    if "group" in wanted.settings:
        raise duplicate("group", text)
    found = number_of("group", text, (1 << 31) - 1)
    if found is None:
        why = "a group is a number, or a name of /etc/iproute2/group"
        raise wrong(text, 'Invalid "group" value', why=why)
    wanted.settings["group"] = found


def _reason(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
    text = words.next()
    number = strtol(text)
    if number is None or not 0 <= number < 32:
        raise wrong(text, "invalid protodown reason", why="a reason is a number from 0 to 31")
    on = words.next()
    if not matches(on, "on") and not matches(on, "off"):
        raise Exit(LOCAL, f'Error: argument of "protodown_reason" must be "on" or "off", not "{on}"')
    bit = 1 << number
    wanted.settings["proto_down_reason"] = {"mask": bit, "value": bit if matches(on, "on") else 0}


# -- other devices and namespaces ----------------------------------------------------------------------------------------------


def _master(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
    name = words.next()
    message = "Device does not exist" if word == "master" else "Not a valid VRF name"
    index = command.links.index(name)
    if not index:
        raise wrong(name, message, why=f'there is no device "{name}" here')
    if word == "vrf" and not _is_vrf(command, index):
        raise wrong(name, message, why=f'"{name}" is no device of type vrf')
    wanted.settings["master"] = as_setting(name, index)


def _is_vrf(command: Command, index: int) -> bool:
    link = command.links.message(index)
    return link is not None and "linkinfo" in link and link.get("linkinfo").get("kind") == "vrf"


def _no_master(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
    wanted.settings["master"] = 0


def _netns(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
    from .netns import place

    reference = words.next()
    if wanted.target:
        raise duplicate("netns", reference)
    placed = place(reference, command)
    wanted.settings.update(placed)
    wanted.target = str(placed.get("net_ns_fd", reference))


def _link_netns(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
    """`link-netns NAME` stays a name here: its number may have to be given first."""
    text = words.next()
    if wanted.once.get("link_netnsid", -1) != -1:
        raise duplicate("link-netns/link-netnsid", text)
    if word == "link-netns":
        wanted.settings["link_netnsid"] = text
        wanted.once["link_netnsid"] = 0
        return
    found = signed(text)
    if found is None:
        raise wrong(text, 'Invalid "link-netnsid" value', why="a whole number belongs here")
    wanted.once["link_netnsid"] = wanted.settings["link_netnsid"] = found


def _theirs(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
    from ..front import NotOurs

    raise NotOurs(f"ip link … {word}")


def _kind(word: str, words: "Words", wanted: Wanted, command: Command) -> None:
    wanted.kind = words.next()


# (word, may be abbreviated, reader)
WORDS: "tuple[tuple[str, bool, Reader], ...]" = (
    ("up", False, _up),
    ("down", False, _up),
    ("name", False, _name),
    ("index", False, _index),
    ("link", True, _link),
    ("address", True, _hardware),
    ("broadcast", True, _hardware),
    ("brd", False, _hardware),
    ("txqueuelen", True, _once("txqlen", "txqueuelen")),
    ("qlen", False, _once("txqlen", "txqueuelen")),
    ("txqlen", True, _once("txqlen", "txqueuelen")),
    ("mtu", False, _once("mtu", "mtu")),
    ("xdpgeneric", False, _theirs),
    ("xdpdrv", False, _theirs),
    ("xdpoffload", False, _theirs),
    ("xdp", False, _theirs),
    ("netns", False, _netns),
    ("multicast", False, _flag),
    ("allmulticast", False, _flag),
    ("promisc", False, _flag),
    ("trailers", False, _flag),
    ("arp", False, _flag),
    ("carrier", False, _on_off("carrier")),
    ("vf", False, _theirs),
    ("master", True, _master),
    ("vrf", False, _master),
    ("nomaster", True, _no_master),
    ("dynamic", True, _flag),
    ("type", True, _kind),
    ("alias", True, _alias),
    ("group", False, _group),
    ("mode", False, _one_of("linkmode", LINK_MODES, "Invalid link mode")),
    ("state", False, _one_of("operstate", STATES, "Invalid operstate")),
    ("numtxqueues", True, _once("num_tx_queues", "numtxqueues")),
    ("numrxqueues", True, _once("num_rx_queues", "numrxqueues")),
    ("addrgenmode", True, _address_mode),
    ("link-netns", True, _link_netns),
    ("link-netnsid", True, _link_netns),
    ("protodown", False, _on_off("proto_down")),
    ("protodown_reason", False, _reason),
    ("gso_max_size", False, _size("gso_max_size")),
    ("gso_max_segs", False, _size("gso_max_segs", _MOST_SEGMENTS)),
    ("gro_max_size", False, _size("gro_max_size")),
    ("parentdev", False, _parent),
)


# -- what the names mean -------------------------------------------------------------------------------------------------------


def settle(wanted: Wanted, words: "Words", command: Command) -> None:
    """Turn the names into an index and settings; the checks that ip makes before it sends anything."""
    if wanted.name is None:
        wanted.name = wanted.device
    elif wanted.device is None:
        wanted.device = wanted.name
    if not command.creating:
        _check_address(wanted, command)
    if wanted.index and not command.creating and not wanted.target:
        text = "index can be used only when creating devices or when moving device to another netns."
        raise Exit(SYNTAX, text)
    if wanted.device is None and "group" in wanted.settings:
        _settle_group(wanted, words, command)
    elif command.creating:
        _settle_new(wanted, command)
    else:
        _settle_existing(wanted, command)


def _check_address(wanted: Wanted, command: Command) -> None:
    """The address must be as long as the one that the device has."""
    given = wanted.settings.get("address")
    index = command.links.index(wanted.device) if wanted.device and given is not None else 0
    link = command.links.message(index) if index else None
    if link is None or "address" not in link:
        return
    size = len(given) if isinstance(given, bytes) else str(given).count(":") + 1
    there = link.get("address").count(":") + 1
    if size != there:
        raise Exit(LOCAL, f"Invalid address length {size} - must be {there} bytes")


def _settle_group(wanted: Wanted, words: "Words", command: Command) -> None:
    if words.more:
        raise Exit(SYNTAX, f'Garbage instead of arguments "{words.peek} ...". Try "ip link help".')
    if command.creating:
        raise Exit(SYNTAX, "group cannot be used when creating devices.", fix="give the new device a name as well")
    wanted.kind = None


def _settle_new(wanted: Wanted, command: Command) -> None:
    if wanted.name != wanted.device:
        text = 'both "name" and "dev" cannot be used when creating devices.'
        why, fix = _what_is(wanted.device or "", "")
        raise Exit(SYNTAX, text, why=why, fix=fix)
    if wanted.link is not None:
        found = command.links.index(wanted.link)
        if not found:
            raise no_device(wanted.link)
        wanted.settings["link"] = as_setting(wanted.link, found)
    if wanted.name is not None:
        wanted.settings["ifname"] = wanted.name


def _settle_existing(wanted: Wanted, command: Command) -> None:
    if wanted.device is None:
        raise Exit(SYNTAX, 'Not enough information: "dev" argument is required.', fix="name the device: dev NAME")
    found = command.links.index(wanted.device)
    if not found:
        raise no_device(wanted.device)
    wanted.subject = as_setting(wanted.device, found)
    if wanted.index:
        wanted.settings["new_ifindex"] = wanted.index
    if wanted.name != wanted.device:
        wanted.settings["ifname"] = wanted.name


def header(wanted: Wanted, command: Command) -> "dict[str, Any]":
    """The fields of struct ifinfomsg that are not 0; `index` is chosen for a new device, else the name of one."""
    index = wanted.index if command.creating else wanted.subject
    fields = {"family": command.family, "index": index, "flags": wanted.flags, "change": wanted.change}
    return {name: value for name, value in fields.items() if value}


def parse(words: "Words", command: Command) -> Wanted:
    """All words of a command; the settings are whole then."""
    wanted = read_link(words, command)
    settle(wanted, words, command)
    command.wanted = wanted
    if wanted.kind is not None:
        from .words import linkinfo

        wanted.settings["linkinfo"] = linkinfo(wanted.kind, words, command)
    elif command.creating:
        fix = "say what it is to be: type veth, type bridge, type vxlan id N …"
        raise Exit(LOCAL, 'Not enough information: "type" argument is required', fix=fix)
    return wanted

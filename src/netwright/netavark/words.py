"""The command line, in netavark's words. Pure.

    netavark [-f FILE] [-c DIR] [-r true|false] [-a AARDVARK] [--firewall-driver NAME] [--plugin-directory DIR]... VERB …
"""

from ..errors import Invalid
from ..model.value import value

VERBS = {
    "setup": "NETWORK_NAMESPACE_PATH", "teardown": "NETWORK_NAMESPACE_PATH", "update": "NETWORK_NAME --network-dns-servers SERVERS",
    "create": "", "version": "", "firewall-reload": "", "firewalld-reload": "", "nftables-reload": "", "dhcp-proxy": "", "help": "",
}  # fmt: skip
_OPTIONS = {
    "-f": "file", "--file": "file", "-c": "config", "--config": "config", "-r": "rootless", "--rootless": "rootless",
    "-a": "aardvark", "--aardvark-binary": "aardvark", "--firewall-driver": "firewall", "--plugin-directory": "plugins",
}  # fmt: skip
_OPERANDS = {"setup": 1, "teardown": 1, "update": 1}
USAGE = "usage: netavark [OPTIONS] setup|teardown NS, update NETWORK --network-dns-servers SERVERS, create, version, firewall-reload; see: netavark --help"


@value
class Words:
    """The words, read."""

    verb: str
    operand: str = ""
    file: str = ""
    config: str = ""
    rootless: bool = False
    aardvark: str = ""
    firewall: str = ""
    plugins: "tuple[str, ...]" = ()
    servers: "tuple[str, ...]" = ()


def read(argv: "list[str]") -> Words:
    """The words behind the program's name. Invalid with what is wrong."""
    given: dict[str, list[str]] = {}
    plain: list[str] = []
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        if word in ("-h", "--help", "-V", "--version"):
            return Words("help" if word in ("-h", "--help") else "--version")
        if not word.startswith("-") or word == "-":
            plain.append(word)
            continue
        name, text = _option(word, rest, plain[:1] == ["update"])
        given.setdefault(name, []).append(text)
    return _words(plain, given)


def _option(word: str, rest: "list[str]", update: bool) -> "tuple[str, str]":
    long, equals, text = word.partition("=") if word.startswith("--") else (word[:2], word[2:] and "=", word[2:].removeprefix("="))
    name = "servers" if update and long == "--network-dns-servers" else _OPTIONS.get(long, "")
    if not name:
        raise Invalid(f"error: Found argument '{word}' which wasn't expected", fix=USAGE)
    if not equals and not rest:
        raise Invalid(f"error: The argument '{long}' requires a value but none was supplied", fix=USAGE)
    return name, text if equals else rest.pop(0)


def _words(plain: "list[str]", given: "dict[str, list[str]]") -> Words:
    verb, operands = (plain[0], plain[1:]) if plain else ("", [])
    if verb not in VERBS:
        raise Invalid(f"error: {verb!r} is no command" if verb else "error: a command is missing", fix=USAGE)
    if len(operands) != _OPERANDS.get(verb, 0) or (operands and not operands[0]):
        raise Invalid(f"error: The following is wanted: {verb} {VERBS[verb]}", fix=USAGE)
    if verb == "update" and "servers" not in given:
        raise Invalid("error: The following required arguments were not provided: --network-dns-servers", fix=USAGE)
    last = {name: found[-1] for name, found in given.items()}
    rootless = last.get("rootless", "false")
    if rootless not in ("true", "false"):
        raise Invalid(f"error: Invalid value {rootless!r} for '--rootless': provided string was not `true` or `false`", fix=USAGE)
    return Words(
        verb, operands[0] if operands else "", last.get("file", ""), last.get("config", ""), rootless == "true", last.get("aardvark", ""),
        last.get("firewall", ""), tuple(given.get("plugins", ())), tuple(given.get("servers", ())),
    )  # fmt: skip


HELP = f"""netavark (netwright): the network of podman's containers

{USAGE}

    -f, --file FILE             read the JSON there instead of from standard input
    -c, --config DIR            podman's directory for networks, usually on a tmpfs
    -r, --rootless true|false   whether podman runs without root
    -a, --aardvark-binary PATH  the program for names; where it is netwright's or not there, netwright answers itself
    --firewall-driver NAME      nftables (the default) or none; also NETAVARK_FW
    --plugin-directory DIR      where programs for other drivers are (repeatable)
"""

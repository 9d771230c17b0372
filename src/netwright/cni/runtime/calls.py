"""Calling plugins as a runtime does: each with the network's name and version, what its capabilities allow, the result before it."""

import os

from ...model.value import value
from ..delegate import find, refusal
from ..protocol.errors import DELEGATE_FAILED, CniError
from ..protocol.jsontext import read, write
from ..protocol.result import Result
from ..protocol.section import Section
from ..protocol.versions import printed
from ..protocol.versions import read as read_result
from .network import capabilities

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .cache import Attachment
    from .network import Network

    Plain = dict[str, Any]

_WORDS = {"ADD": "add", "DEL": "delete", "CHECK": "check", "GC": "gc", "STATUS": "status", "VERSION": "version"}


@value
class Caller:
    """Where plugins are looked for: CNI_PATH."""

    path: "tuple[str, ...]"

    def ask(self, command: str, config: "Plain", attachment: "Attachment | None" = None) -> "Plain":
        """What a plugin answers; an empty object for nothing. CniError, with the plugin's own code."""
        from ...kernel.exchange import exchange

        name = Section(config).text("type")
        path = find(name, self.path)
        try:
            code, out = exchange(path, [path], _environment(command, self.path, attachment), write(config).encode())
        except OSError as error:
            raise CniError(DELEGATE_FAILED, f"{path}: {error.strerror}", "it has to be an executable file") from None
        if code != 0:
            said = refusal(name, command, code, out)
            raise CniError(said.code, f"plugin {name} failed ({_WORDS[command]}): {said.message}", said.details)
        return _answer(name, out)


def _answer(name: str, out: bytes) -> "Plain":
    if not out.strip():
        return {}
    try:
        document = read(out)
    except ValueError as error:
        raise CniError(DELEGATE_FAILED, f"plugin {name}: its answer is no JSON: {error}") from None
    return document if isinstance(document, dict) else {}


def _environment(command: str, path: "tuple[str, ...]", attachment: "Attachment | None") -> "dict[str, str]":
    out = {name: text for name, text in os.environ.items() if not name.startswith("CNI_") or name == "CNI_NETNS_OVERRIDE"}
    out |= {"CNI_COMMAND": command, "CNI_PATH": ":".join(path)}
    if attachment is not None:
        args = ";".join(f"{name}={text}" for name, text in attachment.args)
        named = {"CNI_CONTAINERID": attachment.container, "CNI_NETNS": attachment.netns, "CNI_IFNAME": attachment.ifname, "CNI_ARGS": args}
        out |= {name: text for name, text in named.items() if text or name == "CNI_NETNS"}
    return out


def one_config(network: "Network", plugin: "Plain", said: "Plain", before: "Result | None" = None, **more: "Any") -> "Plain":
    """What a plugin gets on standard input. `said`: the values for capabilities, of which it gets those that it declares."""
    own = {name: item for name, item in plugin.items() if name.lower() not in ("name", "cniversion", "capabilities", "prevresult")}
    config = {"cniVersion": network.version, "name": network.name, **own}
    allowed = {name: said[name] for name in capabilities(plugin) if name in said}
    if allowed:
        config["runtimeConfig"] = allowed
    if before is not None:
        config["prevResult"] = printed(before, network.version)
    return config | more


def result_of(name: str, answer: "Plain") -> Result:
    """A plugin's answer to ADD. CniError when it makes no sense."""
    mistakes: list[str] = []
    found = read_result(Section(answer, "result", mistakes))
    if mistakes:
        raise CniError(DELEGATE_FAILED, f"plugin {name}: its result makes no sense", "; ".join(mistakes))
    return found

"""The addresses that a runtime asks for: CNI_ARGS "IP", "args"."cni"."ips", and the capability "ips"."""

from ..protocol.section import address, prefixed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..protocol.call import Call

ARGS = ("IP", "GATEWAY", "MAC")  # MAC is for the main plugin, which may share our process


def requested(call: "Call") -> "Iterator[tuple[str, str]]":
    """(where it stands, the text) of each, in the order in which one overrides the other."""
    call.only_args(*ARGS)
    for text in call.args.get("IP", "").split(","):
        if text.strip():
            yield "CNI_ARGS IP", text.strip()
    for where, section in (("args.cni.ips", call.config.args), ("runtimeConfig.ips", call.config.runtime_config)):
        for text in section.texts("ips"):
            if text.strip():
                yield where, text.strip()


def hosts(call: "Call") -> "tuple[str, ...]":
    """The requested addresses without prefix lengths, each once; mistakes go to the configuration's list."""
    found: dict[str, None] = {}
    for where, text in requested(call):
        try:
            found[prefixed(text).partition("/")[0] if "/" in text else address(text)] = None
        except ValueError as error:
            call.config.mistakes.append(f"{where}: {error}")
    return tuple(found)

"""`ip rule flush`: delete the rules that fit; the one with preference 0 stays."""

from ...kernel import rtnl
from ...kernel.netlink import Request
from ...plan.ops import DeleteRule
from ..exits import LOCAL, Exit
from ..flush import find
from .filter import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.netlink import Raw
    from ..context import Context


def main(context: "Context", words: list[str]) -> int:
    """Delete what the words ask for; without words every rule but the first."""
    wanted = parse(context, words)
    found = find(context, rtnl.GETRULE, {"family": wanted.dump_family}, {}, end="Dump terminated")
    fitting = [(raw, rule) for raw, rule in found if wanted.wants(rule) and wanted.wants_protocol(rule) and "priority" in rule]
    context.out.open_array()
    context.out.close_array()
    context.out.finish_json()
    if context.options.dry_run:
        for _, rule in fitting:
            context.apply(DeleteRule({**_HEADER, "family": rule["family"]}, {"priority": rule["priority"]}))
    else:
        _delete(context, [raw for raw, _ in fitting])
    return 0


_HEADER = {"family": 0, "dst_len": 0, "src_len": 0, "tos": 0, "table": 0, "action": 0, "flags": 0}


def _delete(context: "Context", rules: "list[Raw]") -> None:
    from ...errors import KernelError
    from ..front import kernel_words

    family = rtnl.RULE
    for raw in rules:
        try:
            context.netlink.request(Request(rtnl.DELRULE, 0, raw.body, family.layout, family.header.size))
        except KernelError as error:
            raise Exit(LOCAL, f"{kernel_words(error)}\nDump terminated", why=error.what, fix=error.fix) from None

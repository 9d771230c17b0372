"""`ip rule flush`: delete the rules that fit; the one with preference 0 stays."""

from ...kernel import rtnl
from ...plan.ops import DeleteRule
from ..exits import SYNTAX, Exit
from ..flush import deletion
from .filter import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.rtnl import Message
    from ..context import Context


def main(context: "Context", words: list[str]) -> int:
    """Delete what the words ask for; without words every rule but the first."""
    wanted = parse(context, words)
    rules = context.dump(rtnl.GETRULE, {"family": wanted.dump_family}, code=_FAILED)
    fitting = [rule for rule in rules if wanted.wants(rule) and wanted.wants_protocol(rule) and "priority" in rule]
    context.out.open_array()
    context.out.close_array()
    context.out.finish_json()
    if context.options.dry_run:
        for rule in fitting:
            context.apply(DeleteRule({**_HEADER, "family": rule["family"]}, {"priority": rule["priority"]}))
        return 0
    _delete(context, fitting)
    return 0


_FAILED = SYNTAX  # ip's own function gives 1, and that becomes 255
_HEADER = {"family": 0, "dst_len": 0, "src_len": 0, "tos": 0, "table": 0, "action": 0, "flags": 0}


def _delete(context: "Context", rules: "list[Message]") -> None:
    """Each rule by all that it is, since preferences may repeat."""
    from ...errors import KernelError
    from ..front import kernel_words

    for rule in rules:
        try:
            context.netlink.request(deletion(rtnl.DELRULE, rule))
        except KernelError as error:
            raise Exit(_FAILED, f"{kernel_words(error)}\nDump terminated", why=error.what, fix=error.fix) from None

"""Operations on nftables as shell commands that a person can run: `nft -f -` with the text behind it, or `nft delete table`."""

from ...model.nft_text import element_text, put_text
from .. import ops

TYPE_CHECKING = False
if TYPE_CHECKING:
    TableOp = ops.PutTable | ops.DeleteTable | ops.AddElements | ops.DeleteElements

_LONGEST = 2000


def shell(op: "TableOp") -> str:
    """The command, without a line end; in `op.namespace` by `ip netns exec`, or here when that is ""."""
    if isinstance(op, ops.PutTable):
        return _fed(op.namespace, put_text(op.table))
    if isinstance(op, ops.DeleteTable):
        return _command(op.namespace, ["delete", "table", op.family, op.name])
    verb = "add" if isinstance(op, ops.AddElements) else "delete"
    text = element_text(verb, op.family, op.table, op.set, op.elements)
    if len(text) > _LONGEST or "\n" in text[:-1]:
        return _fed(op.namespace, text)
    start = [verb, "element", op.family, op.table, op.set]
    return _command(op.namespace, [*start, text[text.index("{") :].rstrip("\n")])


def _command(namespace: str, words: list[str]) -> str:
    import shlex

    return shlex.join([*(["ip", "netns", "exec", namespace] if namespace else []), "nft", *words])


def _fed(namespace: str, text: str) -> str:
    """The text as a here-document; its last line is a word that is nowhere in it."""
    end = "EOF"
    while end in text:
        end += "_"
    return f"{_command(namespace, ['-f', '-'])} <<'{end}'\n{text}{end}"

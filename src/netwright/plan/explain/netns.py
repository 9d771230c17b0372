"""Operations on namespaces as `ip netns` commands."""

from .. import ops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..ops import NamespaceOp


def words(op: "NamespaceOp") -> list[str]:
    """["netns", "add", NAME] and its relatives."""
    if isinstance(op, ops.AddNamespace):
        return ["netns", "add", op.name]
    if isinstance(op, ops.AttachNamespace):
        return ["netns", "attach", op.name, str(op.pid)]
    if isinstance(op, ops.DeleteNamespace):
        return ["netns", "delete", op.name]
    return ["netns", "set", op.name, "auto" if op.nsid < 0 else str(op.nsid)]

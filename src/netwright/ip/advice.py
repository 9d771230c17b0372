"""What to say after the kernel's refusal: why, and the command that mends it. Imported only when something went wrong."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..errors import KernelError
    from ..plan.ops import Op
    from .context import Context


def advise(context: "Context", error: "KernelError", op: "Op | None") -> tuple[str, str]:
    """(why, fix) for an operation that the kernel refused; empty strings where there is nothing to add."""
    if error.attribute:
        return f"{error.attribute}: {error.policy}" if error.policy else f"the kernel means {error.attribute}", ""
    return "", error.fix

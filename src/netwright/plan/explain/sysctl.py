"""Settings of a namespace as `sysctl` commands."""

from . import joined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..ops import SetSysctl


def shell(op: "SetSysctl") -> str:
    """`ip netns exec red sysctl -qw net.ipv4.ip_forward=1`"""
    inside = ["ip", "netns", "exec", op.namespace] if op.namespace else []
    return joined([*inside, "sysctl", "-qw", f"{op.key}={' '.join(op.value.split())}"])

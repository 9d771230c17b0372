"""VLANs of a bridge's ports as `bridge vlan` commands."""

from .. import ops


def words(op: "ops.AddVlan | ops.DeleteVlan") -> list[str]:
    """["vlan", "add", "dev", "eth0", "vid", "10", "pvid", "untagged"]"""
    adding = isinstance(op, ops.AddVlan)
    out = ["vlan", "add" if adding else "del", "dev", op.link, "vid", str(op.vid)]
    out += op.flags.split() if isinstance(op, ops.AddVlan) else []
    return out + (["self"] if op.own else [])

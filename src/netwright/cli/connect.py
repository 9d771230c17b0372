"""`nw connect NETWORK CONTAINER`: one more network for a container that runs, or for any network namespace."""

import os

from .text import put, put_json
from .words import Words

OPTIONS = {
    "--ip": "ADDRESS", "--ip6": "ADDRESS", "--mac-address": "MAC", "--mac": "--mac-address", "--alias": "NAME", "--interface": "NAME",
    "--publish": "PORT", "-p": "--publish", "--ingress": "RATE", "--egress": "RATE", "--no-default": "", "--json": "",
}  # fmt: skip


def main(words: list[str]) -> int:
    """Prints the interface and its addresses."""
    from ..networks import containers, members, publish
    from ..networks.request import rates
    from .network import opened

    given = Words(words, OPTIONS, "NETWORK CONTAINER")
    network, reference = given.names
    ingress, egress = rates(given.get("--ingress"), given.get("--egress"))
    with opened() as store:
        bind = store.network(network).bind
        container, netns = containers.found(store, reference)
        joining = members.Joining(
            container, network, given.get("--interface"), (*given.all("--ip"), *given.all("--ip6")), given.get("--mac-address"), given.all("--alias"),
            publish=publish.parse_all(given.all("--publish"), bind), ingress=ingress, egress=egress,
            default="--no-default" not in given,
        )  # fmt: skip
        from ..kernel.namespaces import open_namespace

        new = not store.attachments(network=network, container=container)
        inside = open_namespace(netns)
        try:
            found = members.join(store, joining, inside, netns).attachment
        finally:
            os.close(inside)
        containers.write_files(store, container)
    if "--json" in given:
        put_json({"container": container, "network": network, "interface": found.interface, "mac": found.mac, "addresses": [leg.address for leg in found.legs]})
    else:
        put(f"{'' if new else 'nothing to do: '}{container} has {found.interface} on {network}: {', '.join(leg.address for leg in found.legs) or 'no address'}")
    return 0

"""`nw connect NETWORK CONTAINER`: one more network for a container that runs, or for any network namespace."""

import os

from ..model.value import replace
from .text import put, put_json
from .words import Words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..networks.joining import Joining
    from ..networks.network import Network

OPTIONS = {
    "--ip": "ADDRESS", "--ip6": "ADDRESS", "--mac-address": "MAC", "--mac": "--mac-address", "--alias": "NAME", "--interface": "NAME",
    "--publish": "PORT", "-p": "--publish", "--ingress": "RATE", "--egress": "RATE", "--no-default": "", "--json": "",
}  # fmt: skip


def main(words: list[str]) -> int:
    """Prints the interface and its addresses."""
    from ..networks import containers, looking, members
    from .main import register_names
    from .network import of, opened, told
    from .said import as_options

    register_names()
    given = Words(words, OPTIONS, "NETWORK CONTAINER")
    network, reference = given.names
    with as_options(), opened() as store:
        there = of(store, "connect", network, reference)
        container, netns = containers.found(store, reference)
        joining = wanted(given, container, there)
        from ..kernel.namespaces import open_namespace

        new = not store.attachments(network=network, container=container)
        inside = open_namespace(netns)
        try:
            found = members.join(store, joining, inside, netns).attachment
        finally:
            os.close(inside)
        containers.write_files(store, container)
        notices = looking.worth_a_word(container, lambda: looking.absent(found.ports), lambda: looking.stopped(store, container))
    told("connect", notices)
    if "--json" in given:
        put_json({"container": container, "network": network, "interface": found.interface, "mac": found.mac, "addresses": [leg.address for leg in found.legs]})
    else:
        put(f"{'' if new else 'nothing to do: '}{container} has {found.interface} on {network}: {', '.join(leg.address for leg in found.legs) or 'no address'}")
    return 0


def wanted(given: Words, container: str, network: "Network") -> "Joining":
    """The words as a value. Mistakes with all of them."""
    from ..networks import joining, publish
    from ..networks.mistakes import Mistake, told
    from ..networks.request import rates
    from .said import gathered

    wrong: list[Mistake] = []
    found = joining.Joining(
        container, network.name, given.get("--interface"), (*given.all("--ip"), *given.all("--ip6")), given.get("--mac-address"), given.all("--alias"),
        default="--no-default" not in given,
    )  # fmt: skip
    with gathered(wrong):
        ingress, egress = rates(given.get("--ingress"), given.get("--egress"))
        found = replace(found, ingress=ingress, egress=egress)
    with gathered(wrong, "--publish"):
        found = replace(found, publish=publish.parse_all(given.all("--publish"), network.bind))
    told([*wrong, *joining.mistakes(found, network)])
    return found

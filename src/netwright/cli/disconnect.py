"""`nw disconnect NETWORK CONTAINER`"""

from ..errors import Gone
from .words import Words


def main(words: list[str]) -> int:
    """Nothing is printed. With --force a container that is not there is no error."""
    from ..networks import containers, members
    from .network import of, opened, told

    given = Words(words, {"--force": "", "-f": "--force"}, "NETWORK CONTAINER")
    name, container = given.names
    with opened() as store:
        network = of(store, "disconnect", name, container)
        there = store.attachments(network=network.name)
        known = [one.container for one in there]
        if container not in known and "--force" not in given:
            from ..networks.mistakes import near

            raise Gone(f"{container} is not on the network {name}", why=near(container, known), fix=f"who is: nw network inspect {name}")
        told("disconnect", members.leave(store, container, name))
        containers.write_files(store, container)
    return 0

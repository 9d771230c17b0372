"""The steps of the walk, as data: what is typed, why, and what must come of it.

docs/tutorial.md and docs/tutorial.zh-CN.md tell the same steps at length; a test compares the commands of all three and
looks for `says` in the output that they show.

In a command `$!` is the PID of the last command that was started with `&`, `%N` the N-th such command, as in a shell.
"""

from dataclasses import dataclass

FOREVER = 600  # seconds: longer than the walk, so that a process stays where it was put


@dataclass(frozen=True, slots=True)
class Step:
    """One command and what must come of it. `code` is its exit code, `says` are pieces of what it prints."""

    command: str
    why: str
    code: int = 0
    says: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()  # pieces that nw prints and ip does not: the second line of its errors
    silent: bool = False  # prints nothing at all
    lines: int = 0  # prints as many lines and no more
    patient: bool = False  # the kernel needs a moment: repeated until it says what it must
    heard: str = ""  # what the command in the background (`monitor`) prints because of this step
    part: str = ""  # the title of the part that begins with this step


STEPS = (
    Step(
        "nw netns list",
        "On a fresh machine no network namespace has a name: the list is empty.",
        silent=True,
        part="A namespace",
    ),
    Step("nw netns add ns0", "Make one and call it ns0.", silent=True),
    Step("nw netns list", "Here it is.", says=("ns0",)),
    Step(
        "nw netns add ns0",
        "A name can be given once. The name is a file, and that file exists.",
        code=1,
        says=('Cannot create namespace file "/run/netns/ns0": File exists',),
        adds=("nw netns delete ns0",),
    ),
    Step(
        "nw -n ns0 link show",
        "Inside there is one device, the loopback, and it is DOWN.",
        says=("1: lo: <LOOPBACK> mtu 65536", "state DOWN"),
        part="The loopback",
    ),
    Step(
        "nw netns exec ns0 ping -c 1 -W 1 127.0.0.1",
        "While lo is down it has no address and there is no route: the kernel does not know where 127.0.0.1 is.",
        code=2,
        says=("Network is unreachable",),
    ),
    Step(
        "nw -n ns0 link set lo up", "Switch lo on: the kernel itself adds 127.0.0.1/8 and the route to it.", silent=True
    ),
    Step("nw netns exec ns0 ping -c 1 -W 1 127.0.0.1", "Now it answers.", says=("1 received, 0% packet loss",)),
    Step(
        "nw link add veth0 type veth peer name veth1",
        "A veth pair is a cable with a network device at each end.",
        silent=True,
        part="A cable",
    ),
    Step(
        "nw link show",
        "Each end is shown with the other behind @. M-DOWN says that the other end is down.",
        says=("veth0@veth1: <BROADCAST,MULTICAST,M-DOWN>", "veth1@veth0: <BROADCAST,MULTICAST,M-DOWN>"),
    ),
    Step(
        "nw link set lo netns ns0",
        "Not every device can move: each namespace has its own lo from birth to death.",
        code=2,
        part="What cannot move",
    ),
    Step("nw link add br0 type bridge", "A bridge is a switch in software...", silent=True),
    Step("nw link set br0 netns ns0", "...and belongs to the namespace where it was made.", code=2),
    Step("nw link delete br0", "It was only made to show that.", silent=True),
    Step("nw netns add ns1", "A second namespace.", silent=True, part="Two namespaces, one cable"),
    Step("nw link set veth0 netns ns0", "One end of the cable goes into ns0...", silent=True),
    Step("nw link set veth1 netns ns1", "...the other into ns1.", silent=True),
    Step(
        "nw link show veth0",
        "A device is in one namespace at a time: here it is gone.",
        code=1,
        says=('Device "veth0" does not exist.',),
        adds=("veth0 is in ns0",),
    ),
    Step("nw -n ns0 address add 1.1.1.1/24 dev veth0", "An address for this end...", silent=True, part="Addresses"),
    Step("nw -n ns1 address add 1.1.1.2/24 dev veth1", "...and one of the same subnet for the other.", silent=True),
    Step("nw -n ns0 link set veth0 up", "Both ends have to be up...", silent=True),
    Step("nw -n ns1 link set veth1 up", "...before anything can pass.", silent=True),
    Step(
        "nw -n ns0 address show veth0",
        "The other end is no longer shown by name but by number, @ifN, and link-netns says where that number counts.",
        says=("veth0@if", "LOWER_UP", "state UP", "link-netns ns1", "inet 1.1.1.1/24 scope global veth0"),
        patient=True,
    ),
    Step(
        "nw -n ns0 route show",
        "The address brought its route along: all of 1.1.1.0/24 is behind veth0.",
        says=("1.1.1.0/24 dev veth0 proto kernel scope link src 1.1.1.1",),
    ),
    Step(
        "nw netns exec ns1 ping -c 1 -W 1 1.1.1.1",
        "From ns1 through the cable to ns0.",
        says=("from 1.1.1.1", "1 received, 0% packet loss"),
    ),
    Step("nw -n ns0 link set veth0 down", "A new name for a device: down...", silent=True, part="A new name"),
    Step("nw -n ns0 link set veth0 name eth0", "...rename...", silent=True),
    Step("nw -n ns0 link set eth0 up", "...and up again.", silent=True),
    Step(
        "nw -n ns0 address show eth0",
        "The IPv4 address stayed: it belongs to the device, whatever that is called.",
        says=("eth0@if", "state UP", "inet 1.1.1.1/24"),
        patient=True,
    ),
    Step(f"nw netns exec ns0 sleep {FOREVER} &", "A process that lives in ns0.", part="Who is in there?"),
    Step("nw netns pids ns0", "The processes in ns0.", says=("$!",)),
    Step("nw netns identify $!", "And the other way round: where is this process?", says=("ns0",)),
    Step("nw netns add ns2", "One more namespace, to give it a number.", silent=True, part="Numbers"),
    Step("nw netns set ns2 10", "For the namespace that we are in, ns2 is from now on number 10.", silent=True),
    Step(
        "nw netns list-id",
        "ns0 and ns1 have numbers too: the kernel gave them when the cable's ends moved.",
        says=("nsid 10 (iproute2 netns name: ns2)", "(iproute2 netns name: ns0)", "(iproute2 netns name: ns1)"),
    ),
    Step("nw netns monitor &", "Tell us of names that come and go, from now on.", part="A process's own namespace"),
    Step(f"unshare --net sleep {FOREVER} &", "A process in a namespace without a name, as every container is."),
    Step("nw netns attach box $!", "Give that namespace a name. The monitor saw it.", heard="add box"),
    Step("nw netns identify $!", "Now it can be found by name, and entered.", says=("box",)),
    Step("nw -n box link show", "It is like any other: one lo, DOWN.", says=("1: lo: <LOOPBACK>", "state DOWN")),
    Step(
        "nw netns delete box",
        "Deleting takes the name away. The namespace lives while a process is in it.",
        adds=("box: the name is gone; the namespace lives on, held by process $! (sleep)",),
        heard="delete box",
        part="Away with it",
    ),
    Step("kill %1 %2 %3", "End the processes that we started.", silent=True),
    Step(
        "nw netns delete --wait ns0",
        "Delete ns0 and wait until the kernel has freed it. The cable's end in it dies, and so does the other end.",
        silent=True,
    ),
    Step("nw -all netns delete", "And all the rest.", silent=True),
    Step("nw netns list", "No names...", silent=True),
    Step("nw netns list-id", "...no numbers...", silent=True, patient=True),
    Step("nw -brief link show", "...and no device but the lo that was there: nothing is left.", says=("lo ",), lines=1),
)

BUILT = next(number for number, step in enumerate(STEPS) if step.part == "Away with it")
"""Before this step everything stands: the moment for a picture."""

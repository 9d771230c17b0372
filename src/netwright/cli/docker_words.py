"""Words of docker that nw has not, each with what is done in its place: options of run, network create and ls, ps, exec; commands."""

_ENVIRONMENT = "the program has your environment: NAME=VALUE nw run …, or nw run env NAME=VALUE COMMAND"
_FILES = "the program's files are the machine's: there is nothing to lay over them"
_USER = "the program runs as who calls nw run: nw run setpriv --reuid=USER --regid=GROUP --clear-groups COMMAND"
_PLACE = "the program begins where you are: cd DIRECTORY first"
_LIMITS = "networks only: systemd-run --scope -p MemoryMax=… nw run …"
_RIGHTS = "the program has your rights, no more and no less"
_IMAGES = "there are no images: the program is one of this machine"
_LINKS = "containers of a network reach each other by name as it is; one more name: --network-alias, --add-host"
_RESTART = "nothing is started again: that is for systemd, or a loop of the shell"
_NAMESPACES = "the program shares everything but the network with the machine: nw run unshare … COMMAND"

INSTEAD = {
    "-e": _ENVIRONMENT, "--env": _ENVIRONMENT, "--env-file": _ENVIRONMENT, "-v": _FILES, "--volume": _FILES, "--mount": _FILES, "--tmpfs": _FILES,
    "--volumes-from": _FILES, "--read-only": _FILES, "-u": _USER, "--user": _USER, "--group-add": _USER, "-w": _PLACE, "--workdir": _PLACE,
    "-m": _LIMITS, "--memory": _LIMITS, "--cpus": _LIMITS, "--cpu-shares": _LIMITS, "--pids-limit": _LIMITS, "--ulimit": _LIMITS,
    "--privileged": _RIGHTS, "--cap-add": _RIGHTS, "--cap-drop": _RIGHTS, "--security-opt": _RIGHTS, "--device": _RIGHTS, "--gpus": _RIGHTS,
    "--entrypoint": _IMAGES, "--pull": _IMAGES, "--platform": _IMAGES, "--link": _LINKS, "--restart": _RESTART, "--init": _NAMESPACES,
    "--pid": _NAMESPACES, "--ipc": _NAMESPACES, "--uts": _NAMESPACES, "--userns": _NAMESPACES,
}  # fmt: skip

_CHOSEN = "addresses are chosen here and by nobody else: --subnet, --gateway, --range, --reserve"
_OF_SWARM = "networks are this machine's own; every container may be connected: nw connect"
CREATE = {
    "--ipam-driver": _CHOSEN, "--ipam-opt": _CHOSEN, "--attachable": _OF_SWARM, "--scope": _OF_SWARM, "--config-only": _OF_SWARM,
    "--config-from": _OF_SWARM,
}  # fmt: skip

_AS_JSON = "--json has every field, for jq or Python; --quiet has the names"
_WHOLE = "everything is shown as it is: leave it out"
LIST = {"--format": _AS_JSON, "--no-trunc": _WHOLE, "-a": _WHOLE, "--all": _WHOLE}
_PS = "nw ps shows the processes of a lab; containers are listed by: nw containers"
PS = {"-a": _PS, "--all": _PS, "-q": _PS, "--quiet": _PS, "--format": _PS, "--filter": _PS, "-f": _PS}
_TERMINAL = "the program has your terminal as it is: leave it out"
EXEC = {"-i": _TERMINAL, "-t": _TERMINAL, "-it": _TERMINAL, "-ti": _TERMINAL, "--interactive": _TERMINAL, "--tty": _TERMINAL}

_GONE = "a container ends with its program: nw stop NAME"
_NO_IMAGES = "there are no images, only networks: nw run COMMAND starts a program of this machine"
_STARTED = "a container is begun anew: nw run --name NAME COMMAND has the addresses that it had before"
COMMANDS = {
    "rm": _GONE, "kill": "nw stop --signal KILL NAME", "logs": "nw run -d --log FILE COMMAND writes there", "inspect": "nw containers --json NAME; nw network inspect NAME",
    "port": "nw publish ls NAME", "start": _STARTED, "restart": _STARTED, "images": _NO_IMAGES, "pull": _NO_IMAGES, "push": _NO_IMAGES, "build": _NO_IMAGES,
    "container": "nw containers lists them, nw run starts one, nw stop ends one", "compose": "a network of many hosts is a lab: nw up FILE",
    "attach": "nw run --network container:NAME sh is a shell with its network", "volume": _NO_IMAGES, "image": _NO_IMAGES, "top": "nw containers; nw ps LAB",
}  # fmt: skip

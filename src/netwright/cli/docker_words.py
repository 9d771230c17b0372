"""Options of `docker run` that `nw run` has not, each with what is done in its place. The program is one of the machine."""

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

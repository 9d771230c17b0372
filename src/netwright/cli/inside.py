"""`nw -n LAB/HOST …`: the commands of ip in a host of a lab, from inside the lab, where its hosts are the namespaces with names."""


def main(words: list[str]) -> int:
    """`words` are LAB/HOST and a command of ip."""
    from ..lab.entry import go_in, split
    from .main import run_ip

    go_in(*split(words[0]), sysfs=False)
    return run_ip(["nw", *words[1:]], applet=False)

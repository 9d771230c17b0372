"""Why this process gets no namespaces: from the step that failed, its errno and the machine's settings, without looking itself.

user_namespaces(7). Which setting is behind which refusal:

    user.max_user_namespaces, max_net_, max_mnt_, max_pid_namespaces     ENOSPC; 0 switches the kind off
    kernel.unprivileged_userns_clone = 0 (Debian's, Arch's kernels)      EPERM from unshare(2)
    kernel.apparmor_restrict_unprivileged_userns = 1 (Ubuntu)            unshare works, then uid_map, mount … are refused
    a seccomp filter (containers)                                        EPERM or ENOSYS from unshare(2)
    chroot(2)                                                            EPERM from unshare(2)
    a kernel without CONFIG_USER_NS, CONFIG_NET_NS                       EINVAL
"""

from __future__ import annotations

from errno import EACCES, EINVAL, ENOSPC, ENOSYS, EPERM, EUSERS

from ..model.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LIMITS = {"user": "user", "net": "network", "mnt": "mount", "pid": "pid"}
SETTINGS = (
    *(f"user.max_{kind}_namespaces" for kind in LIMITS),
    "kernel.unprivileged_userns_clone",
    "kernel.apparmor_restrict_unprivileged_userns",
    "kernel.apparmor_restrict_unprivileged_unconfined",
)
_ENOUGH = 15000


@value
class Lack:
    """One thing that is in the way: `what` it is, `why` it matters, and the one command (or step) that mends it."""

    what: str
    why: str
    fix: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}; {self.fix}"


def lacks(step: str, errno: int, settings: Mapping[str, str]) -> tuple[Lack, ...]:
    """Everything that stands in the way, the surest first; () for errno 0.

    `step` is what was being done: "user namespace", "uid_map", "network namespace", "mount namespace", "pid namespace", "mount".
    `settings` are the machine's (SETTINGS, where they exist), and "seccomp" ("2": filtered), "apparmor" (the profile), "selinux"
    (the context), "root_without_setfcap" ("1"), "chroot" ("1"), "container" (its kind), "namespaces" (the kinds that /proc/self/ns shows).
    """
    if errno == 0:
        return ()
    found = [*_switched_off(settings)]
    if errno in (ENOSPC, EUSERS):
        found += _limits(step, settings)
    if errno in (EINVAL, ENOSYS):
        found += _missing(settings)
    if errno in (EPERM, EACCES, ENOSYS) and not found:
        found += _confined(step, settings)
    return tuple(dict.fromkeys(found)) or (_unknown(step, errno, settings),)


def _switched_off(settings: Mapping[str, str]) -> Iterator[Lack]:
    """What forbids user namespaces whatever the errno: all of it must be mended."""
    capable = settings.get("capable") == "1"
    for kind, word in LIMITS.items():
        name = f"user.max_{kind}_namespaces"
        if settings.get(name) == "0" and not (capable and kind == "user"):
            yield Lack(f"{name} is 0", f"this machine allows no {word} namespaces", f"sudo sysctl -w {name}={_ENOUGH}")
    if capable:
        return
    if settings.get("kernel.unprivileged_userns_clone") == "0":
        name = "kernel.unprivileged_userns_clone"
        yield Lack(f"{name} is 0", "only root may make user namespaces on this machine", f"sudo sysctl -w {name}=1")
    name = "kernel.apparmor_restrict_unprivileged_userns"
    if settings.get(name) == "1":
        why = "AppArmor takes all rights from a user namespace that a user makes (Ubuntu 23.10 and later)"
        yield Lack(f"{name} is 1", why, f"sudo sysctl -w {name}=0")


def _limits(step: str, settings: Mapping[str, str]) -> Iterator[Lack]:
    for kind, word in LIMITS.items():
        name = f"user.max_{kind}_namespaces"
        now = settings.get(name, "")
        if step == f"{word} namespace" and now != "0":
            wanted = max(_ENOUGH, 2 * int(now or 0))
            what = f"the limit of {word} namespaces is reached" + (f" ({name} is {now})" if now else "")
            why = "namespaces of other users of this user namespace count too"
            if kind == "user":
                why += "; and they nest 32 deep at most"
            yield Lack(what, why, f"sudo sysctl -w {name}={wanted}")


def _missing(settings: Mapping[str, str]) -> Iterator[Lack]:
    have = settings.get("namespaces", "user net mnt pid").split()
    for kind, option in (("user", "CONFIG_USER_NS"), ("net", "CONFIG_NET_NS"), ("pid", "CONFIG_PID_NS")):
        if kind not in have:
            yield Lack(f"this kernel has no {LIMITS[kind]} namespaces", f"it was built without {option}", "boot a kernel that has them")


def _confined(step: str, settings: Mapping[str, str]) -> Iterator[Lack]:
    """EPERM with no setting that explains it: what the process itself is under."""
    if step == "uid_map" and settings.get("root_without_setfcap") == "1":
        # Linux 5.12 and later ask this of whoever makes root of a new user namespace out of root.
        yield Lack("this is root without CAP_SETFCAP", "it may not become root of a user namespace", "run it as an ordinary user, or give it the capability")
    if settings.get("chroot") == "1" and step == "user namespace":
        yield Lack("this process is in a chroot", "the kernel gives no user namespace below chroot(2)", "use pivot_root (systemd-nspawn, bwrap), or run it as root")
    if settings.get("seccomp") == "2":
        where = settings.get("container") or "this process"
        why = "unshare(2) is refused by it"
        if settings.get("container") in ("docker", "podman", "container"):
            program = "docker" if settings.get("container") != "podman" else "podman"
            fix = f"{program} run --security-opt seccomp=unconfined --security-opt apparmor=unconfined … (or --privileged)"
        else:
            fix = "take RestrictNamespaces= and SystemCallFilter= out of the service"
        yield Lack(f"{where} is under a seccomp filter", why, fix)
    profile = settings.get("apparmor", "")
    if profile not in ("", "unconfined"):
        why = "its AppArmor profile allows no such thing"
        yield Lack(f"this process is under {profile}", why, f"sudo aa-complain {profile.split(' ')[0]}")


def _unknown(step: str, errno: int, settings: Mapping[str, str]) -> Lack:
    import os

    why = "no setting that is known explains it"
    if settings.get("selinux"):
        why = f"SELinux ({settings['selinux']}) may be in the way: sudo ausearch -m avc -ts recent"
    return Lack(f"{step} refused ({os.strerror(errno)})", why, "run it with sudo")

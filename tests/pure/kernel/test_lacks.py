"""Why there are no namespaces, as data: the step that failed, its errno, the machine's settings; and what mends it."""

from errno import EACCES, EINVAL, ENOSPC, ENOSYS, EPERM

import pytest

from netwright.kernel.lacks import lacks

CLONE = "kernel.unprivileged_userns_clone"
UBUNTU = "kernel.apparmor_restrict_unprivileged_userns"
SYSCTL = "sudo sysctl -w "
USUAL = {"user.max_user_namespaces": "96365", "user.max_net_namespaces": "96365", "namespaces": "cgroup ipc mnt net pid user uts"}

# name: (step, errno, settings, (part of each lack's text, its fix) …)
CASES = {
    "Debian's switch": ("user namespace", EPERM, {CLONE: "0"}, [("only root may make", SYSCTL + CLONE + "=1")]),
    "Ubuntu, at uid_map": ("uid_map", EPERM, {UBUNTU: "1"}, [("takes all rights", SYSCTL + UBUNTU + "=0")]),
    "Ubuntu, at mount": ("mount", EACCES, {UBUNTU: "1", CLONE: "1"}, [("takes all rights", SYSCTL + UBUNTU + "=0")]),
    "user namespaces switched off": (
        "user namespace", ENOSPC, {"user.max_user_namespaces": "0"}, [("allows no user namespaces", SYSCTL + "user.max_user_namespaces=15000")]),
    "two switches at once: both": (
        "user namespace", ENOSPC, {"user.max_user_namespaces": "0", UBUNTU: "1"},
        [("allows no user", SYSCTL + "user.max_user_namespaces=15000"), ("takes all rights", SYSCTL + UBUNTU + "=0")]),
    "network namespaces used up": (
        "network namespace", ENOSPC, {"user.max_net_namespaces": "20000"}, [("the limit of network namespaces is reached (user.max_net_namespaces is 20000)", SYSCTL + "user.max_net_namespaces=40000")]),
    "mount namespaces switched off, to root too": (
        "mount namespace", ENOSPC, {"user.max_mnt_namespaces": "0", "user.max_user_namespaces": "0", "capable": "1"},
        [("allows no mount", SYSCTL + "user.max_mnt_namespaces=15000")]),
    "nested too deep": ("user namespace", ENOSPC, {}, [("they nest 32 deep", SYSCTL + "user.max_user_namespaces=192730")]),
    "a kernel without them": ("user namespace", EINVAL, {"namespaces": "mnt net pid"}, [("CONFIG_USER_NS", "boot a kernel that has them")]),
    "docker": ("user namespace", EPERM, {"seccomp": "2", "container": "docker"}, [("docker is under a seccomp filter", "docker run --security-opt seccomp=unconfined")]),
    "podman": ("user namespace", EPERM, {"seccomp": "2", "container": "podman"}, [("seccomp", "podman run --security-opt")]),
    "a filter that knows no such call": ("user namespace", ENOSYS, {"seccomp": "2"}, [("this process is under a seccomp", "RestrictNamespaces=")]),
    "a service of systemd": ("user namespace", EPERM, {"seccomp": "2"}, [("this process is under a seccomp", "RestrictNamespaces=")]),
    "root with few rights": ("uid_map", EPERM, {"root_without_setfcap": "1"}, [("root without CAP_SETFCAP", "run it as an ordinary user")]),
    "chroot": ("user namespace", EPERM, {"chroot": "1"}, [("in a chroot", "pivot_root")]),
    "AppArmor profile": ("mount", EACCES, {"apparmor": "docker-default (enforce)"}, [("docker-default", "sudo aa-complain docker-default")]),
    "SELinux": ("user namespace", EACCES, {"selinux": "a:b:c:d"}, [("SELinux (a:b:c:d)", "run it with sudo")]),
    "nobody knows": ("mount", EPERM, {"apparmor": "unconfined", CLONE: "1", UBUNTU: "0"}, [("mount refused (Operation not permitted)", "run it with sudo")]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_refusal_has_its_reason_and_its_remedy(name: str):
    step, errno, settings, expected = CASES[name]
    found = lacks(step, errno, {**USUAL, **settings})
    assert len(found) == len(expected)
    for lack, (text, fix) in zip(found, expected, strict=True):
        assert text in f"{lack.what}: {lack.why}"
        assert fix in lack.fix


def test_nothing_is_lacking_where_nothing_failed():
    assert lacks("", 0, {CLONE: "0"}) == ()

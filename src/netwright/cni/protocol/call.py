"""One call of a plugin: the verb, the container, the configuration; read from the environment and standard input.

The texts and codes of what is wrong are those of CNI's own library (pkg/skel), which runtimes' logs are searched for.
"""

from ...model.value import value
from .config import Config
from .errors import (
    DECODING_FAILURE,
    INCOMPATIBLE_VERSION,
    INVALID_CONFIG,
    INVALID_ENVIRONMENT,
    UNKNOWN_CONTAINER,
    CniError,
)
from .jsontext import read
from .versions import VERBS, VERSIONS, at_least

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_REQUIRED = {
    "ADD": ("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_PATH"),
    "CHECK": ("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_PATH"),
    "DEL": ("CNI_CONTAINERID", "CNI_IFNAME", "CNI_PATH"),
    "GC": ("CNI_PATH",),
    "STATUS": ("CNI_PATH",),
    "VERSION": (),
}
_LONGEST_NAME = 200  # a directory is called like the network, a file like network and container: NAME_MAX is 255
_NAME = "it is letters, digits, _ . and -, and begins with a letter or a digit"
_TRUE, _FALSE = ("1", "true"), ("0", "false")


@value
class Call:
    """What a plugin is asked to do. `container`, `netns` and `ifname` are "" for GC and STATUS, `netns` may be for DEL."""

    command: str
    container: str
    netns: str
    ifname: str
    args: "Mapping[str, str]"
    path: "tuple[str, ...]"
    config: Config
    ignore_unknown: bool = False

    def only_args(self, *known: str) -> None:
        """Refuse CNI_ARGS other than these (and those of Kubernetes), unless IgnoreUnknown=1. CniError 4."""
        others = [f"{k}={v}" for k, v in self.args.items() if k not in known and not k.startswith("K8S_POD_")]
        if others and not self.ignore_unknown:
            fix = f"it knows {', '.join(known) or 'none'}; with IgnoreUnknown=1 in CNI_ARGS others are passed over"
            raise CniError(INVALID_ENVIRONMENT, f"ARGS: unknown args [{' '.join(others)}]", fix)


def read_call(environment: "Mapping[str, str]", stdin: "Callable[[], bytes]") -> Call:
    """The call. CniError for everything that is wrong with it; standard input is read only when the environment is complete."""
    command = environment.get("CNI_COMMAND", "")
    missing = [name for name in _REQUIRED.get(command, ()) if not environment.get(name)]
    if not command:
        missing.insert(0, "CNI_COMMAND")
    if missing:
        raise CniError(INVALID_ENVIRONMENT, f"required env variables [{','.join(missing)}] missing")
    if command not in VERBS:
        raise CniError(INVALID_ENVIRONMENT, f"unknown CNI_COMMAND: {command}", f"known are {', '.join(VERBS)}")
    config = read_config(stdin(), lenient=command in ("DEL", "GC"))
    _check_verb(command, config)
    args, ignore = arguments(environment.get("CNI_ARGS", ""), lenient=config.lenient)
    container, ifname = "", ""
    if command not in ("GC", "STATUS"):
        container = container_id(environment["CNI_CONTAINERID"])
        ifname = interface_name(environment["CNI_IFNAME"])
    path = tuple(place for place in environment["CNI_PATH"].split(":") if place)
    return Call(command, container, environment.get("CNI_NETNS", ""), ifname, args, path, config, ignore)


def read_config(text: bytes, *, lenient: bool = False) -> Config:
    """The configuration, with a name and a version that can be. CniError 1, 6, 7."""
    try:
        document = read(text)
    except ValueError as error:
        raise CniError(DECODING_FAILURE, f"error unmarshall network config: {error}", "a JSON object belongs on standard input") from None
    if not isinstance(document, dict):
        raise CniError(DECODING_FAILURE, "error unmarshall network config: it is no JSON object")
    config = Config(document, lenient=lenient)
    if not config.name and "name" not in config:
        raise CniError(INVALID_CONFIG, "missing network name", 'give the configuration a "name"')
    if "name" in config and isinstance(config.plain("name"), str):
        network_name(config.name or str(config.plain("name")))
    config.settle()
    if config.cni_version not in VERSIONS:
        details = f"config is {config.cni_version}, plugin supports {', '.join(VERSIONS)}"
        raise CniError(INCOMPATIBLE_VERSION, "incompatible CNI versions", details)
    return config


def _check_verb(command: str, config: Config) -> None:
    if not at_least(config.cni_version, VERBS[command]):
        details = f"the configuration says cniVersion {config.cni_version}; {command} exists since {VERBS[command]}"
        raise CniError(INCOMPATIBLE_VERSION, f"config version does not allow {command}", details)


def arguments(text: str, *, lenient: bool = False) -> "tuple[dict[str, str], bool]":
    """CNI_ARGS ("A=1;B=2") as a mapping, and whether unknown ones are to be passed over. CniError 4; `lenient`: what makes no sense is
    passed over."""
    out: dict[str, str] = {}
    for pair in text.split(";") if text else ():
        if not pair:
            continue
        name, equals, behind = pair.partition("=")
        if not name or not equals or "=" in behind:
            if lenient:
                continue
            raise CniError(INVALID_ENVIRONMENT, f'ARGS: invalid pair "{pair}"', "CNI_ARGS is NAME=VALUE;NAME=VALUE")
        out[name] = behind
    ignore = out.pop("IgnoreUnknown", "0").lower()
    if ignore not in _TRUE + _FALSE and not lenient:
        raise CniError(INVALID_ENVIRONMENT, f'ARGS: error parsing value of pair "IgnoreUnknown={ignore}"', "it is 1 or 0")
    return out, ignore in _TRUE


def container_id(text: str) -> str:
    """A container's id as CNI has it. CniError 4."""
    if not text:
        raise CniError(UNKNOWN_CONTAINER, "missing containerID")
    return _checked(text, INVALID_ENVIRONMENT, "invalid characters in containerID", "containerID is too long")


def network_name(text: str) -> str:
    """A network's name as CNI has it. CniError 7."""
    if not text:
        raise CniError(INVALID_CONFIG, "missing network name")
    return _checked(text, INVALID_CONFIG, "invalid characters found in network name", "network name is too long")


def _checked(text: str, code: int, strange: str, long: str) -> str:
    """An id or a name, which both are words of the same characters and are a part of a file's name."""
    if not (text.isascii() and text[:1].isalnum() and all(c.isalnum() or c in "_.-" for c in text)):
        raise CniError(code, strange, f"{text[:80]!r}: {_NAME}")
    if len(text) > _LONGEST_NAME:
        raise CniError(code, long, f"at most {_LONGEST_NAME} characters")
    return text


def interface_name(text: str) -> str:
    """A device's name as CNI and the kernel have it. CniError 4."""
    if not text:
        raise CniError(INVALID_ENVIRONMENT, "interface name is empty")
    if len(text.encode("utf-8", "surrogateescape")) > 15:
        raise CniError(INVALID_ENVIRONMENT, "interface name is too long", "interface name should be less than 16 characters")
    if text in (".", ".."):
        raise CniError(INVALID_ENVIRONMENT, "interface name is . or ..", "take another one, such as eth0")
    if any(c in "/:\xa0\x85" or c.isspace() for c in text):
        raise CniError(INVALID_ENVIRONMENT, "interface name contains / or : or whitespace characters", f"{text!r}: take another one, such as eth0")
    if any("\ud800" <= c <= "\udfff" for c in text):
        # JSON, which results, caches and records are, cannot say such a name: DEL would look for another one.
        raise CniError(INVALID_ENVIRONMENT, "interface name is no UTF-8", f"{text!r}: take another one, such as eth0")
    return text

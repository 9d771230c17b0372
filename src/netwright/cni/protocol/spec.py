"""The versions of CNI that are spoken here, and since which of them a verb may be used."""

VERSIONS = ("0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0")
OLDEST, NEWEST = VERSIONS[0], VERSIONS[-1]
VERBS = {"ADD": "0.1.0", "DEL": "0.1.0", "VERSION": "0.1.0", "CHECK": "0.4.0", "GC": "1.1.0", "STATUS": "1.1.0"}


def at_least(version: str, other: str) -> bool:
    """Whether a version that is spoken here is `other` or later."""
    return VERSIONS.index(version) >= VERSIONS.index(other)

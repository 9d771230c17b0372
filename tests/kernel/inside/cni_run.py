"""A CNI plugin of ours in a process that is forked: `run(TYPE)`, with the environment and the input of a call."""

import importlib
import pkgutil

import netwright.cni.main
import netwright.cni.plugins
import netwright.networks

for package in (netwright.cni.plugins, netwright.networks):
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)


def run(kind: str) -> int:
    return netwright.cni.main.main([kind])

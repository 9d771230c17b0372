"""The runtime's side of CNI: configuration files, the cache of results, calling the plugins of a network in order."""

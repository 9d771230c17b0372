"""Container networks for runtimes that speak CNI: the protocol, the plugins under their upstream names, a runtime."""

"""The IPAM plugins, one file each under its upstream name: add, delete, check, gc, status."""

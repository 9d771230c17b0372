"""Names of container networks: one small DNS responder for all networks of a host. Begin with zone.py, view.py and server.py."""

"""The Python API: `Namespace`, its links, addresses, routes, neighbours and rules, its events; and `sweep`.

How it works. A `Namespace` keeps an open file of its namespace and one netlink socket that lives there, used under a lock.
Reading gives frozen values (model/); writing makes operations (plan/ops.py) that the engine sends, one at a time or, in a
`batch`, all in one go. No thread is moved, no process forked, nothing is global.
"""

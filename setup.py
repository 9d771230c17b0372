"""The one thing pyproject.toml cannot say: a C extension that may fail to build (no compiler, no headers)."""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "netwright.kernel._syscalls",
            ["src/netwright/kernel/_syscalls.c"],
            define_macros=[("Py_LIMITED_API", "0x030b0000")],
            py_limited_api=True,
            optional=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)

"""`@value`: a frozen class with slots, compared and hashed by its fields.

It does what `dataclasses.dataclass(frozen=True, slots=True)` does for the plain fields used here, without importing
dataclasses: that import costs as much as starting Python, and a one-shot command pays it each time.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar, dataclass_transform

    T = TypeVar("T")

    @dataclass_transform(frozen_default=True)
    def value(cls: type[T]) -> type[T]: ...

    def replace(this: T, **changes: Any) -> T: ...
else:

    def _init(self, *args, **kwargs):
        names = self.__slots__
        if len(args) > len(names):
            raise TypeError(f"{type(self).__name__} takes {len(names)} values, got {len(args)}")
        given = dict(zip(names, args, strict=False))
        for name in kwargs:
            if name not in names or name in given:
                raise TypeError(f"{type(self).__name__}: unexpected {name!r}")
        given.update(kwargs)
        for name in names:
            if name not in given and name not in self.__defaults__:
                raise TypeError(f"{type(self).__name__} needs {name!r}")
            object.__setattr__(self, name, given[name] if name in given else self.__defaults__[name])

    def _key(self):
        return tuple([getattr(self, name) for name in self.__slots__])

    def _eq(self, other):
        return _key(self) == _key(other) if type(self) is type(other) else NotImplemented

    def _hash(self):
        return hash((type(self), _key(self)))

    def _repr(self):
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"{type(self).__name__}({fields})"

    def _frozen(self, name, new=None):
        raise AttributeError(f"{type(self).__name__} is a value: it cannot be changed (field {name!r})")

    def _state(self):
        return _key(self)

    def _restore(self, state):
        for name, field in zip(self.__slots__, state, strict=True):
            object.__setattr__(self, name, field)

    def value(cls):
        """Make `cls` a frozen value with the fields that it annotates."""
        names = tuple(cls.__dict__.get("__annotations__", {}))
        body = {k: v for k, v in cls.__dict__.items() if k not in names and k not in ("__dict__", "__weakref__")}
        body.update(
            __slots__=names,
            __defaults__={name: cls.__dict__[name] for name in names if name in cls.__dict__},
            __match_args__=names,
            __init__=_init,
            __eq__=_eq,
            __hash__=_hash,
            __repr__=body.get("__repr__", _repr),
            __setattr__=_frozen,
            __delattr__=_frozen,
            __getstate__=_state,
            __setstate__=_restore,
        )
        return type(cls)(cls.__name__, cls.__bases__, body)

    def replace(this, **changes):
        """A copy of the value `this` with some fields changed."""
        return type(this)(**{name: changes.get(name, getattr(this, name)) for name in this.__slots__} | changes)

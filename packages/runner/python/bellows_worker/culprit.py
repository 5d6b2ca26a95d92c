"""What of a value cannot travel, and what to do about it. Looked for only when it is known that there is something."""
from bellows_worker.packer import NotAValue
from bellows_worker.value_packer import ValuePacker, fields_of, is_dataclass


def path_of_culprit(value, path="value", seen=None):
    """Where in the value the first thing is that cannot travel, and that thing; None if all of it can."""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return None
    seen.add(id(value))
    steps = steps_into(value)
    if steps is None:
        try:
            ValuePacker().packed(value)
        except NotAValue:
            return path, value
        return None
    for step, item in steps:
        found = path_of_culprit(item, path + step, seen)
        if found:
            return found
    return None


def steps_into(value):
    """What it is made of, each with its step of the path; None for what has no parts."""
    if isinstance(value, dict):
        return [(".key", key) for key in value] + [(step_of(key), item) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return [(f"[{index}]", item) for index, item in enumerate(value)]
    if isinstance(value, (set, frozenset)):
        return [(".item", item) for item in value]
    if is_dataclass(value):
        return [(f".{name}", item) for name, item in fields_of(value).items()]
    return None


def step_of(key):
    return f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{key!r}]"


def sentence_about(path, value):
    return f"{path} is {described(value)}, which cannot travel; {remedy(value)}"


def described(value):
    if isinstance(value, type):
        return f"the class {value.__name__}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def remedy(value):
    if hasattr(value, "__next__"):
        return "collect what it yields: return list(...)"
    if hasattr(value, "tolist"):
        return "convert it with .tolist()"
    if hasattr(value, "isoformat"):
        return "pass a datetime, or text made by .isoformat()"
    if callable(value):
        return "pass data and look it up on the other side"
    return "pass its data: numbers, text, bytes, lists, dicts, datetimes or dataclasses"

"""Brings the user's code to where it can take inputs: variables, path, import, the function by its name."""
import importlib.util
import os
import sys

from bellows_worker.errors import BellowsError, not_found_error
from bellows_worker.user_stack import thrown_data

OWN_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def load(command):
    """The function. Raises whatever the import of its file raises."""
    path = command["bundlePath"]
    os.environ.update(command["env"])
    sys.path[:] = [os.path.dirname(path)] + [entry for entry in sys.path if os.path.abspath(entry) != OWN_FOLDER]
    sys.argv = [path]
    return function_named(command["functionName"], imported(path), os.path.basename(path))


def imported(path):
    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def function_named(name, module, file):
    found = getattr(module, name, None)
    if callable(found):
        return found
    members = vars(module).items()
    own = [key for key, value in members if callable(value) and getattr(value, "__module__", None) == module.__name__]
    there_is = ", ".join(f'"{each}"' for each in own) or "none"
    raise not_found_error(f'{file} has no function "{name}"; it has {there_is}')


def startup_error(thrown, folder):
    """What stopped the code from being started, with the user's stack."""
    cause = thrown_data(thrown, folder)
    what = cause["message"] if isinstance(thrown, BellowsError) else f"{cause['name']}: {cause['message']}"
    data = BellowsError("STARTUP", "StartupError", f"the code could not be loaded: {what}").data()
    return {**data, "cause": cause, **({"stack": cause["stack"]} if "stack" in cause else {})}

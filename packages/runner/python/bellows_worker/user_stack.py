"""What was raised, as its author wants to read it: their own frames, files relative to their folder, and none of ours."""
import os

from bellows_worker.errors import BellowsError, text_of
from bellows_worker.limits import MAX_CAUSES, MAX_ERROR_CHARS

OWN_FOLDER = os.path.dirname(__file__) + os.sep


def thrown_data(thrown, folder, depth=0):
    """What was raised, as it travels; `folder` is that of the user's code."""
    if isinstance(thrown, BellowsError):
        return thrown.data()
    data = {
        "code": "REMOTE",
        "name": type(thrown).__name__,
        "message": text_of(thrown)[:MAX_ERROR_CHARS],
        "stack": traceback_of(thrown, folder)[:MAX_ERROR_CHARS],
    }
    context = None if thrown.__suppress_context__ else thrown.__context__
    cause = thrown.__cause__ if thrown.__cause__ is not None else context
    if cause is not None and depth < MAX_CAUSES:
        data["cause"] = thrown_data(cause, folder, depth + 1)
    return data


def traceback_of(thrown, folder):
    """The traceback from the first line of the user's own code on; ours after it (a `print`, a cancel) are left out."""
    import traceback

    trace = thrown.__traceback__
    while trace is not None and is_before_user_code(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    try:
        told = traceback.TracebackException(type(thrown), thrown, trace)
        told.stack[:] = [frame for frame in told.stack if not is_ours(frame.filename)]
        text = "".join(told.format(chain=False))
    except Exception:
        text = f"{type(thrown).__name__}: {text_of(thrown)}"
    return text.rstrip("\n").replace(f'File "{folder}{os.sep}', 'File "')


def is_before_user_code(file):
    return is_ours(file) or file.startswith("<frozen importlib")


def is_ours(file):
    return file.startswith(OWN_FOLDER)

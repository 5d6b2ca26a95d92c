"""Raises `asyncio.CancelledError` in code that runs on a thread, as soon as that code is between two steps.

It is raised at most once in an input, only while the code of that input is open, and never in a thread that holds the
lock: a block that is being written is written whole.
"""
import signal
import sys
import threading

# A real-time signal where there are some: user code has its own plans for the named ones.
INTERRUPT = getattr(signal, "SIGRTMIN", signal.SIGUSR2)
AGAIN_S = 0.02


class Interrupts:
    """To be made on the main thread."""

    def __init__(self, lock):
        self.lock = lock
        self.on_main = None
        signal.signal(INTERRUPT, self.signalled)

    def open(self, each):
        """From now on user code runs here for this input."""
        each.thread = threading.get_ident()
        if is_main_thread():
            self.on_main = each
        each.open = True

    def close(self, each):
        """Until now. To be called again where it is interrupted; then nothing more is raised."""
        with self.lock:
            each.open = False
            if is_main_thread():
                self.on_main = None
            elif each.struck:
                raise_in_thread(each.thread, None)

    def raise_in(self, each):
        """In another thread; tries again until it is raised or too late."""
        import asyncio

        with self.lock:
            if each.ended or each.struck:
                return
            if each.open and each is self.on_main:
                # A signal, since it also ends a `sleep` or a `recv` there.
                signal.pthread_kill(threading.main_thread().ident, INTERRUPT)
            elif each.open:
                each.struck = raise_in_thread(each.thread, asyncio.CancelledError)
        # The signal may have come while that thread held the lock, or had not begun.
        again = threading.Timer(AGAIN_S, self.raise_in, [each])
        again.daemon = True
        try:
            again.start()
        except RuntimeError:
            pass  # No thread is left for it; the agent ends what does not stop.

    def signalled(self, _signal, _frame):
        each = self.on_main
        if each is None or not each.open or not each.cancelled or each.struck or self.lock._is_owned():
            return
        each.struck = True
        raise sys.modules["asyncio"].CancelledError("the input was cancelled")

    def raise_here(self, each):
        """In code that prints: it is known to be here, and holds no lock."""
        if each.thread != threading.get_ident():
            return
        with self.lock:
            is_due = each.open and not each.struck
            each.struck = each.struck or is_due
        if is_due:
            from asyncio import CancelledError

            raise CancelledError("the input was cancelled")


def is_main_thread():
    return threading.current_thread() is threading.main_thread()


def raise_in_thread(ident, kind):
    """Asks the interpreter to raise in another thread; None takes that back. False where it cannot be asked."""
    try:
        import ctypes
    except ImportError:
        return False
    raised = ctypes.py_object(kind) if kind is not None else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), raised)
    return True

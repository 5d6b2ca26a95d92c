"""The way out: blocks of frames, each written whole and out of this process before the call returns.

So whatever user code does next, what was written before it is not lost. The lock is also that of all state here: who
holds it can change something and write of it, and nobody comes in between.
"""
import os
import signal
import threading

from bellows_worker.frame_codec import encode_block

FRAMES_OUT = 4


class Output:
    def __init__(self):
        self.lock = threading.RLock()
        self.is_forked = False

    def let_fork(self):
        """A child process has no part in the pipe. It is never made while a thread that it lacks holds the lock."""
        os.register_at_fork(
            before=self.lock.acquire, after_in_parent=self.lock.release, after_in_child=self.forked
        )

    def forked(self):
        self.is_forked = True
        self.lock.release()

    def write(self, *frames):
        block = memoryview(encode_block(frames))
        with self.lock:
            if self.is_forked:  # User code came back from its `fork` twice; the answer is the parent's to give.
                os._exit(1)
            while block:
                try:
                    block = block[os.write(FRAMES_OUT, block) :]
                except OSError:
                    end_with_group()


def end_with_group():
    """The agent is gone, and with it every use of this process and of what it started."""
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)

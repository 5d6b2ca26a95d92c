"""Runs batches: each is what came in one frame, takes one slot, and its inputs begin together.

The function gets a list for each argument and returns a list of results in the order of the inputs; their ends are
written together. How user code is run is of the executor that this is laid over.
"""
import inspect

from bellows_worker.errors import invalid_error
from bellows_worker.executor import FAILED, cancelled
from bellows_worker.running_input import Running, RunningInput, now_ms
from bellows_worker.user_stack import thrown_data
from bellows_worker.values import decode_arguments, encode_value

# A block of frames tells its length in 32 bits: values that are larger together are written in several.
FRAME_BYTES = 256 * 1024 * 1024


class RunningBatch(Running):
    """`members` are in the order in which the function gets them; those that have ended keep their places."""

    def __init__(self, members):
        of_one_call = all(each.call_id == members[0].call_id for each in members)
        super().__init__(members[0].call_id if of_one_call else None, members[0].index if len(members) == 1 else None)
        self.members = members

    def refs(self):
        return [each.ref for each in self.members]

    def waited_for(self):
        return [each for each in self.members if not each.ended]


class Batches:
    """Comes before an executor in the line of classes. Here `each` is a batch, and an outcome a list of ends."""

    parameters = 0

    def run(self, groups):
        # What cannot be called ends by itself, and the others go on without it.
        members, refused = [], []
        for call_id, items in groups:
            for item in items:
                each = RunningInput(call_id, *item)
                each.started_at_ms = now_ms()
                try:
                    each.args = self.arguments_of(each)
                    members.append(each)
                except Exception as error:
                    refused.append((each, (FAILED, encode_value(thrown_data(error, self.folder)))))
        with self.output.lock:
            self.write(refused)
            if members:
                self.queue.append(RunningBatch(members))
                self.pump()

    def arguments_of(self, each):
        args = decode_arguments(each.payload)
        each.payload = None
        if len(args) != self.parameters:
            raise invalid_error(
                f"the input has {count(len(args), 'argument')} and the batched handler takes "
                f"{count(self.parameters, 'list')}; every input of a batch brings one argument for each list, "
                "and defaults do not count"
            )
        return args

    def take_queued(self, refs):
        wanted = {tuple(ref) for ref in refs}
        taken = [each for batch in self.queue for each in batch.members if each.ref in wanted]
        if taken:
            rests = [[each for each in batch.members if each.ref not in wanted] for batch in self.queue]
            self.queue.clear()
            self.queue.extend(RunningBatch(rest) for rest in rests if rest)
        return taken

    def cancel(self, refs):
        """Those beside which others of their batch are waited for end here; when they are all that is left, it is interrupted."""
        wanted = {tuple(ref) for ref in refs}
        unwanted = []
        with self.output.lock:
            unbegun = cancelled("the input was cancelled before it began")
            queued = self.take_queued(refs)
            for each in queued:
                each.started_at_ms = now_ms()
            self.write([(each, unbegun) for each in queued])
            for batch in self.running.values():
                waited_for = batch.waited_for()
                named = [each for each in waited_for if each.ref in wanted]
                if len(named) < len(waited_for):
                    self.write([(each, cancelled()) for each in named])
                elif named:
                    batch.cancelled = True
                    unwanted.append(batch)
        for batch in unwanted:
            self.interrupt(batch)

    def begin(self):
        batch = self.queue.popleft()
        batch.started_at_ms = now_ms()
        for each in batch.members:
            each.started_at_ms = batch.started_at_ms
        self.running[batch] = batch
        return batch

    def end(self, batch, ends):
        with self.output.lock:
            self.before_end(batch)
            batch.ended = True
            self.write([(each, end) for each, end in zip(batch.members, ends) if not each.ended])
            self.running.pop(batch, None)

    def write(self, ends):
        """Of inputs, in their order."""
        groups, size, at_ms = [], 0, now_ms()
        for each, (status, payload) in ends:
            each.ended = True
            if not groups or groups[-1][0] != each.call_id:
                groups.append([each.call_id, []])
            groups[-1][1].append([each.index, each.attempt, status, payload, each.started_at_ms, at_ms])
            size += len(payload)
            if size >= FRAME_BYTES:
                self.output.write({"type": "outputs", "outputs": groups})
                groups, size = [], 0
        if groups:
            self.output.write({"type": "outputs", "outputs": groups})

    def call(self, batch):
        return self.function(*(list(each) for each in zip(*(each.args for each in batch.members))))

    def succeeded(self, batch, value):
        try:
            results = results_of(value, len(batch.members))
        except Exception as error:
            return self.failed(batch, error)
        return [self.end_of_value(result) for result in results]

    def failed(self, batch, thrown):
        return [self.end_of_thrown(batch, thrown)] * len(batch.members)

    def stopped(self, batch):
        return [cancelled()] * len(batch.members)


def batching(executor, function):
    """An executor like that one, of batches of this function. Raises a BellowsError for one that takes no lists."""
    return type(f"Batch{executor.__name__}", (Batches, executor), {"parameters": parameters_of(function)})


def parameters_of(function):
    try:
        given = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise invalid_error("what it takes is not known of a batched function that is no Python; wrap it in a def") from None
    unfilled = [each.name for each in given if each.kind is each.KEYWORD_ONLY and each.default is each.empty]
    if unfilled:
        raise invalid_error(
            f'a batched function gets its lists in their order, so nothing would fill the parameter "{unfilled[0]}", which '
            "is given by name; write it before the *, or give it a default"
        )
    positional = [each for each in given if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    needed = sum(each.default is each.empty for each in positional)
    if needed == 0:
        raise invalid_error(
            "a batched function takes lists; give it a parameter for each argument of its callers, none with a default "
            "and none with *: def embed(texts)"
        )
    return needed


def results_of(value, inputs):
    if isinstance(value, (list, tuple)) and len(value) == inputs:
        return value
    raise invalid_error(
        f"the batch had {count(inputs, 'input')} and the handler returned {described(value)}; return one result per input, "
        "in their order"
    )


def described(value):
    """Arrays are told their own way to a list, which makes Python's numbers of theirs."""
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    if value is None:
        return "nothing"
    name = type(value).__name__
    article = "an" if name[0] in "aeiouAEIOU" else "a"
    way = " (.tolist() makes one)" if hasattr(value, "tolist") else ""
    return f"{article} {name}, which is no list{way}"


def count(n, noun):
    return f"{n:,} {noun}{'' if n == 1 else 's'}"

/** A batched body, run in this process: its caller passes and gets one element, so the batch is of one input. */
import { listsOf, refuseArguments, resultsOfBatch } from "@bellows/protocol/batches";

/** @throws InvalidError for arguments that do not fit, and for anything but one result; whatever the body throws. */
export async function runBatchOfOne(run: (...lists: unknown[][]) => unknown, args: unknown[]): Promise<unknown> {
  refuseArguments(args.length, run.length);
  const [result] = resultsOfBatch(await run(...listsOf([args], args.length)), 1);
  return result;
}

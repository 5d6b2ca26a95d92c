/** The batched programs of the tests that every worker must pass, for Python: as `def` and as `async def`. */
import type { BatchPrograms } from "./batch-programs.ts";
import { pythonPrograms, STYLES } from "./python-programs.ts";

export function pythonBatchPrograms(style: keyof typeof STYLES): BatchPrograms {
  const { language, def, sleep, event, wait } = STYLES[style];
  return {
    language,
    bundle: pythonPrograms(style).bundle,
    joins: `${def}(texts, numbers):
    return [f"{text} {number} of {len(texts)}" for text, number in zip(texts, numbers)]`,
    answers: `import array
${def}(words):
    if "throw" in words: raise TypeError("no page")
    if "short" in words: return words[1:]
    if "none" in words: return 7
    if "array" in words: return array.array("f", [1, 2])
    return [(lambda: 1) if word == "unfit" else word for word in words]`,
    meets: `${event}
${def}(words):
    print(" ".join(words))
    if "wait" in words: ${wait}
    else: opened.set()
    return ["opened" for _ in words]`,
    naps: `${def}(words):
    print("begins")
    ${sleep}(600 if "hang" in words else 0.4)
    return words`,
    stalls: `import time
${def}(words):
    if "block" in words: time.sleep(1)
    ${sleep}(0.4)
    return words`,
    waits: `${def}(words):
    try:
        print("begins")
        ${sleep}(600)
    finally: print("cleaned up")`,
    ends: `import os, time
time.sleep(1)
${def}(words):
    if "exit" in words: os._exit(3)
    if "wait" in words:
        print("waits")
        ${sleep}(600)
    return [len(words) for _ in words]`,
    prints: `import sys
${def}(words):
    print(" ".join(words))
    sys.stdout.write("over")
    return words`,
  };
}

/** The programs of the tests that every worker must pass, for Python: as `def`, which threads run, and as `async def`. */
import type { Programs } from "./programs.ts";

const FILE = "code.py";

interface Style {
  language: string;
  def: string;
  /** Waits so many seconds. */
  sleep: string;
  event: string;
  wait: string;
}

export const STYLES: Record<"def" | "async def", Style> = {
  def: {
    language: "Python, def",
    def: "import threading, time\ndef work",
    sleep: "time.sleep",
    event: "import threading\nopened = threading.Event()",
    wait: "opened.wait()",
  },
  "async def": {
    language: "Python, async def",
    def: "import asyncio\nasync def work",
    sleep: "await asyncio.sleep",
    event: "import asyncio\nopened = asyncio.Event()",
    wait: "await opened.wait()",
  },
};

export function pythonPrograms(style: keyof typeof STYLES): Programs {
  const { language, def, sleep, event, wait } = STYLES[style];
  return {
    language,
    file: FILE,
    bundle: (program, server) => ({
      bundleHash: server.addBundle("", { files: { [FILE]: program } }),
      python: { file: FILE, function: "work" },
    }),
    add: `${def}(a, b): return a + b`,
    echo: `${def}(value): return value`,
    meet: `${event}
${def}(waits):
    if not waits: return opened.set()
    ${wait}
    return "opened"`,
    prints: `import subprocess, sys
print("importing")
${event}
names = []
${def}(name):
    print("start", name)
    sys.stderr.write("half of ")
    names.append(name)
    if len(names) == 2: opened.set()
    ${wait}
    sys.stderr.write(name)
    subprocess.run(["echo", "from a child"])`,
    fails: `${event}
names = []
${def}(name):
    names.append(name)
    if len(names) % 2 == 0: opened.set()
    ${wait}
    if name != "fine": raise TypeError(name)
    return name`,
    naps: `${def}(waits):
    if waits: ${sleep}(1)
    return 1`,
    environment: `import os
greeting = os.environ["GREETING"]
${def}(): return [greeting, any("token-of" in value for value in os.environ.values())]`,
    throws: `def read_page():
    raise TypeError("no page") from Exception("torn")
${def}(): return read_page()`,
    unfit: `${def}(large): return bytes(17 * 1024 * 1024) if large else {"rows": [{"format": lambda: 1}]}`,
    ends: `import os
${def}(ends):
    if ends: os._exit(3)
    return "alive"`,
    blocks: `import subprocess
${def}(blocks):
    if not blocks: return "ran"
    child = subprocess.Popen(["sleep", "600"])
    print("child", child.pid)
    while True: pass`,
    waits: `${def}():
    print("begins")
    try: ${sleep}(600)
    finally: print("cleaned up")`,
    stubborn: `${def}():
    print("begins")
    while True:
        try: ${sleep}(600)
        except BaseException: pass`,
    hoards: `hoard = []
${def}():
    while True:
        hoard.append(bytearray(b"1") * 8_000_000)
        ${sleep}(0)`,
    importThrows: `\n\nraise TypeError("bad config")\n`,
    importEnds: 'import os\nprint("MISSING_KEY is not set")\nos._exit(4)',
    importBlocks: "while True: pass",
  };
}

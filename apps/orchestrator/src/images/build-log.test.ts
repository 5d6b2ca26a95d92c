import { expect, it } from "vitest";
import { BuildLog } from "./build-log.ts";

it("gives what came after a place, and where the next piece begins", () => {
  const log = new BuildLog({ maxChars: 100 });
  log.add("one");
  const { text, next } = log.from(0);
  log.add("two");
  expect(text).toBe("one\n");
  expect(log.from(next)).toEqual({ text: "two\n", next: 8 });
  expect(log.from(8)).toEqual({ text: "", next: 8 });
});

it("loses its beginning when it is too long, and no place changes by it", () => {
  const log = new BuildLog({ maxChars: 8 });
  for (const line of ["one", "two", "six"]) log.add(line);
  expect(log.text).toBe("two\nsix\n");
  expect(log.from(4)).toEqual({ text: "two\nsix\n", next: 12 });
  expect(log.from(8)).toEqual({ text: "six\n", next: 12 });
  expect(log.from(0).text).toBe("two\nsix\n");
});

it("keeps no colours and nothing that Postgres cannot store", () => {
  const log = new BuildLog({ maxChars: 100 });
  log.add("\u001b[31mred\u001b[0m \u0000end");
  expect(log.text).toBe("red end\n");
});

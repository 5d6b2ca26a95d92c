import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { expect, test } from "vitest";
import { settingRows } from "./settings-rows.ts";

test("settings are shown under their names in code, and never the values of the environment", () => {
  const settings = parseFunctionOptions({ env: { API_KEY: "hush" }, retries: 2, gpu: ["H100", "any"], timeout: "1h" });
  const rows = new Map(settingRows(settings).map((row) => [row.option, row]));
  expect(rows.get("env")?.value).toBe("API_KEY");
  expect(JSON.stringify([...rows.values()])).not.toContain("hush");
  expect(rows.get("retries")).toMatchObject({ value: "2", note: "1s apart" });
  expect(rows.get("gpu")?.value).toBe("H100, then any");
  expect(rows.get("timeout")?.value).toBe("1h");
});

test("a back-off is told in words", () => {
  const settings = parseFunctionOptions({ retries: { maxRetries: 3, initialDelay: "2s", backoffCoefficient: 3 } });
  expect(settingRows(settings).find(({ option }) => option === "retries")?.note).toBe(
    "first after 2s, then 3 times as long, at most 1m",
  );
});

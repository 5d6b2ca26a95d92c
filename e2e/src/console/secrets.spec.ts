/** Secrets: made, replaced, deleted; their values never come back. */
import type { Page } from "@playwright/test";
import { expect, test } from "./test.ts";

test("a secret is made, listed without its values, replaced and deleted", async ({ console: page, stack }) => {
  await page.goto(`${stack.consoleUrl}/secrets`);
  await expect(page.getByText("No secret yet")).toBeVisible();

  await page.getByRole("button", { name: "New secret" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("button", { name: "Create" })).toBeDisabled();
  await dialog.getByRole("textbox", { name: "Name" }).fill("openai");
  await dialog.getByRole("textbox", { name: "Variable", exact: true }).fill("API_KEY");
  await dialog.getByLabel("Value", { exact: true }).fill("sk-hunter2");
  await dialog.getByRole("button", { name: "Create" }).click();
  await expect(dialog).toBeHidden();

  const row = page.getByRole("listitem").filter({ hasText: "openai" });
  await expect(row).toContainText("API_KEY");
  await expect(row).toContainText("used by no function");
  expect(await page.content()).not.toContain("hunter2");
  await expect.poll(async () => (await heapOf(page)).includes("hunter2")).toBe(false);

  await row.getByRole("button", { name: "Replace openai" }).click();
  await expect(dialog.getByRole("textbox", { name: "Variable", exact: true })).toHaveValue("API_KEY");
  await expect(dialog.getByLabel("Value", { exact: true })).toHaveValue("");
  await dialog.getByLabel("Value", { exact: true }).fill("other");
  await dialog.getByRole("button", { name: "Add a variable" }).click();
  await dialog.getByRole("textbox", { name: "Variable 2" }).fill("not a name");
  await dialog.getByLabel("Value 2").fill("x");
  await dialog.getByRole("button", { name: "Replace" }).click();
  await expect(dialog.getByRole("alert")).toContainText('"not a name" cannot be a variable');
  await dialog.getByRole("textbox", { name: "Variable 2" }).fill("ORG");
  await dialog.getByRole("button", { name: "Replace" }).click();
  await expect(row).toContainText("ORG");

  await row.getByRole("button", { name: "Delete openai" }).click();
  await dialog.getByRole("button", { name: "Delete secret" }).click();
  await expect(page.getByText("No secret yet")).toBeVisible();
});

/** All that the page's JavaScript still holds, as the snapshot of the browser writes it. */
async function heapOf(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  const pieces: string[] = [];
  session.on("HeapProfiler.addHeapSnapshotChunk", ({ chunk }) => pieces.push(chunk));
  await session.send("HeapProfiler.collectGarbage");
  await session.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  await session.detach();
  return pieces.join("");
}

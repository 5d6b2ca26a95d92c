/** The door: one link lets in once, nothing is shown without it, and no other site may use it. */
import { expect, signIn, signInUrl, test } from "./test.ts";

test("every page leads a stranger to the sign-in page, and back after signing in", async ({ page, stack }) => {
  await page.goto(`${stack.consoleUrl}/calls?state=failed`);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await expect(page.getByText("npx bellows sign-in")).toBeVisible();
  const code = new URL(await signInUrl(stack)).searchParams.get("code");
  await page.goto(`${page.url()}&code=${code}`);
  await expect(page).toHaveURL(`${stack.consoleUrl}/calls?state=failed`);
});

test("the link that npm start prints signs in", async ({ page, stack }) => {
  if (stack.signInUrl === undefined) throw new Error("npm start printed no sign-in link");
  await page.goto(stack.signInUrl);
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
});

test("a link that was used says so and how to get another", async ({ page, stack }) => {
  const url = await signInUrl(stack);
  await page.goto(url);
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  // An open page would find out that it is signed out, and leave for the sign-in page at the same time.
  await page.goto("about:blank");
  await page.context().clearCookies();
  await page.goto(url);
  await expect(page.getByRole("alert").filter({ hasText: "AUTH" })).toBeVisible();
  await expect(page.getByText("npx bellows sign-in").first()).toBeVisible();
});

test("the token is out of reach of scripts, and goes when the reader signs out", async ({ console: page, stack }) => {
  const cookies = await page.context().cookies();
  const port = new URL(stack.consoleUrl).port;
  expect(cookies.find(({ name }) => name === `bellows-session-${port}`)).toMatchObject({
    httpOnly: true,
    sameSite: "Lax",
  });
  expect(await page.evaluate(() => document.cookie)).not.toContain("session");
  await page.getByRole("button", { name: "Sign out" }).first().click();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.goto(stack.consoleUrl);
  await expect(page).toHaveURL(/\/sign-in/);
});

test("a change asked for by another site is refused, with the cookie and all", async ({ page, stack, request }) => {
  await signIn(page, stack);
  const cookies = await page.context().cookies();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  for (const headers of [{ "sec-fetch-site": "same-site" }, { origin: "http://localhost:1" }]) {
    const answer = await request.post(`${stack.consoleUrl}/api/trpc/auth.signOut`, { headers: { cookie, ...headers } });
    expect(answer.status()).toBe(403);
  }
  await page.reload();
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
});

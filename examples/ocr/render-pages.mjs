/**
 * Renders pages/*.txt to the page images beside them, with a Chromium found on this machine (CHROMIUM names another).
 * Run once, when the texts change: `node examples/ocr/render-pages.mjs`. Each page gets its own typeface size, tint and
 * a slight slant, as scans have.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const pagesDir = fileURLToPath(new URL("pages/", import.meta.url));
const workDir = mkdtempSync(join(tmpdir(), "bellows-pages-"));
const chromium = process.env.CHROMIUM ?? "chromium";
const faces = ["DejaVu Serif", "DejaVu Sans", "DejaVu Serif Condensed"];

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

for (const [number, name] of readdirSync(pagesDir)
  .filter((file) => file.endsWith(".txt"))
  .sort()
  .entries()) {
  const text = readFileSync(join(pagesDir, name), "utf8");
  const slant = [0.3, -0.3, 0][number % 3];
  const gray = 255 - (number % 4) * 5;
  const html = join(workDir, "page.html");
  writeFileSync(
    html,
    `<!doctype html><meta charset="utf-8"><style>
      body { margin: 0; background: rgb(${gray}, ${gray}, ${gray}); }
      main { font: ${20 + (number % 3)}px/1.45 "${faces[number % faces.length]}"; padding: 32px 40px; color: #181818; rotate: ${slant}deg; }
      p { margin: 0 0 14px; text-align: left; }
    </style><main>${text
      .trim()
      .split("\n\n")
      .map((paragraph) => `<p>${escaped(paragraph)}</p>`)
      .join("")}</main>`,
  );
  execFileSync(
    chromium,
    [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--hide-scrollbars",
      "--disable-lcd-text",
      "--window-size=760,480",
      `--user-data-dir=${join(workDir, "profile")}`,
      `--screenshot=${join(pagesDir, name.replace(/txt$/, "png"))}`,
      `file://${html}`,
    ],
    { stdio: "pipe" },
  );
}
rmSync(workDir, { recursive: true, force: true });

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

const MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

const executablePath = (process.env.PATH ?? "")
  .split(delimiter)
  .flatMap((directory) => NAMES.map((name) => join(directory, name)))
  .concat(MACOS)
  .find((path) => existsSync(path));

/** Whether there is a browser for the tests of the page. */
export const hasChromium: boolean = executablePath !== undefined;

if (!hasChromium) {
  const lack = "No chromium is in PATH: tests of the page are skipped.";
  if (process.env.CI && process.platform === "linux") throw new Error(`${lack} Not in CI: install one.`);
  console.warn(lack);
}

/** Starts the browser of the system, without requests of its own. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: executablePath!,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

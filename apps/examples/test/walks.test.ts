import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { completionsServer } from "@remem/testing";
import { expect, onTestFinished, test } from "vitest";
import { blocksOf } from "./pages/markdown.ts";
import { placeIn, walk } from "./pages/walk.ts";
import { WALKED } from "./pages/walked.ts";

const withShell = test.skipIf(process.platform === "win32");

withShell.for(Object.entries(WALKED))(
  "%s can be followed word by word",
  { timeout: 120_000 },
  async ([page, files]) => {
    const server = await completionsServer();
    onTestFinished(() => server.close());
    const place = placeIn(temporaryDirectory(), server.baseURL);
    for (const [name, code] of Object.entries(files)) writeFileSync(join(place.directory, name), code);
    const blocks = blocksOf(page);
    expect(blocks.some(({ language }) => language === "sh" || language === "console")).toBe(true);
    await walk(blocks, place);
    expect(server.calls).toBeGreaterThan(0);
  },
);

withShell("a walk fails where a command fails, or says something else than the page", async () => {
  const place = placeIn(temporaryDirectory(), "http://127.0.0.1:9/v1");
  const block = (language: string, code: string) => [{ language, code, file: undefined }];
  await expect(walk(block("sh", "exit 3\n"), place)).rejects.toThrow("ends with the status 3");
  await expect(walk(block("console", "$ echo a\nb\n"), place)).rejects.toThrow("says:\na");
  await expect(walk(block("ts", "process.exit(1)\n"), place)).rejects.toThrow("ends with the status 1");
  await walk(block("console", "$ echo took 3 ms; echo a river\ntook 0.5 s\na …\n"), place);
});

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";

/** The output of a batch. Writing waits for slow readers. */
export interface Output {
  write(record: object): Promise<void>;
  /** Resolves when everything is written. */
  end(): Promise<void>;
}

/** Opens a file, or standard output for `-`, before any call is paid for that could not be written. */
export async function openOutput(path: string, input: string): Promise<Output> {
  if (path === "-") return outputTo(process.stdout, async () => {});
  if (await isSameFile(path, input)) throw new Error(`the output would overwrite its input, ${path}`);
  const file = createWriteStream(path);
  await once(file, "open");
  return outputTo(file, () => finished(file.end()));
}

function outputTo(stream: Writable, end: () => Promise<void>): Output {
  let failure: Error | undefined;
  stream.on("error", (error) => {
    failure = error;
  });
  return {
    async write(record) {
      if (failure !== undefined) throw failure;
      if (stream.write(`${JSON.stringify(record)}\n`)) return;
      await once(stream, "drain"); // Rejects with the stream's error.
    },
    end,
  };
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => stat(path).catch(() => undefined)));
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}

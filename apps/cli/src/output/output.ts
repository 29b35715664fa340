import { once } from "node:events";
import { createWriteStream, fstatSync, type Stats } from "node:fs";
import { readlink, realpath, rename, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { UsageError } from "../flags/usage-error.ts";
import type { RecordFormat } from "./record-format.ts";
import { shownOn } from "./terminal.ts";

/** The output of a batch. Writing waits for slow readers. */
export interface Output {
  write(record: object): Promise<void>;
  /** Resolves when everything is written, and in its place. */
  complete(): Promise<void>;
  /** The same for a run that was ended early. Returns where its records are, if that is another file. */
  leave(): Promise<string | undefined>;
}

/**
 * Opens a file, or standard output for `-`, before the first call, so that no answer is paid for that cannot be written. A file
 * grows as `<file>.partial` and takes its name when it is complete, so that an earlier file is kept until then.
 * @throws {UsageError} if it would replace the input
 */
export async function openOutput(path: string, input: string, format: RecordFormat): Promise<Output> {
  if (path === "-") return outputTo(process.stdout, format, noop, noop);
  const target = await followLinks(path);
  const before = await statOf(target);
  const isSpecial = before !== undefined && !before.isFile(); // A pipe or a device.
  const written = isSpecial ? target : `${target}.partial`;
  for (const file of [target, written]) {
    if (isSameFile(await statOf(file), await statOfInput(input))) {
      throw new UsageError(`the output would overwrite its input, ${file}`);
    }
  }
  const stream = createWriteStream(written, before && { mode: before.mode });
  await once(stream, "open");
  async function end(): Promise<undefined> {
    await finished(stream.end());
    return undefined;
  }
  if (isSpecial) return outputTo(stream, format, end, end);
  return outputTo(
    stream,
    format,
    async () => {
      await end();
      await rename(written, target);
    },
    async () => {
      await end();
      return written;
    },
  );
}

function outputTo(
  stream: Writable & { readonly isTTY?: boolean },
  { head, text }: RecordFormat,
  complete: () => Promise<void>,
  leave: () => Promise<string | undefined>,
): Output {
  let failure: Error | undefined;
  stream.on("error", (error) => {
    failure = error;
  });
  if (head !== "") stream.write(head);
  return {
    async write(record) {
      if (failure !== undefined) throw failure;
      if (stream.write(shownOn(stream, text(record)))) return;
      await once(stream, "drain"); // Rejects with the stream's error.
    },
    complete,
    leave,
  };
}

async function noop(): Promise<undefined> {
  return undefined;
}

/** The file that a path leads to, even if it does not exist yet. */
async function followLinks(path: string): Promise<string> {
  const whole = await realpath(path).catch(() => undefined);
  if (whole !== undefined) return whole;
  const next = await readlink(path).catch(() => undefined);
  return next === undefined ? path : followLinks(resolve(dirname(path), next));
}

function statOf(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined);
}

async function statOfInput(input: string): Promise<Stats | undefined> {
  return input === "-" ? fstatSync(process.stdin.fd) : statOf(input);
}

function isSameFile(one: Stats | undefined, other: Stats | undefined): boolean {
  return one !== undefined && other !== undefined && one.isFile() && one.ino === other.ino && one.dev === other.dev;
}

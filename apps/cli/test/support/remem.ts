import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "@remem/test-support/temporary";
import { type CompletionsServer, completionsServer } from "@remem/testing";
import { onTestFinished } from "vitest";

const bin = fileURLToPath(new URL("../../bin/remem.js", import.meta.url));

/** Variables with which the command finds this major version of the `openai` package. */
export const SDKS: ReadonlyArray<readonly [name: string, variables: NodeJS.ProcessEnv]> = [
  ["openai 7", {}],
  ["openai 6", { NODE_OPTIONS: `--import=${new URL("openai-6.mjs", import.meta.url)}` }],
];

export interface Run {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Workspace {
  readonly directory: string;
  readonly server: CompletionsServer;
  /** Writes lines to a file, each as JSON unless it is a string. */
  write(name: string, lines: readonly unknown[]): void;
  /** Reads the records of a file. */
  read(name: string): Record<string, unknown>[];
  /** Runs the command in the directory, against the server. */
  remem(args: readonly string[], input?: string, extra?: NodeJS.ProcessEnv): Promise<Run>;
  /** Like `remem`, with options of Node. */
  node(options: readonly string[], args: readonly string[], extra?: NodeJS.ProcessEnv): Promise<Run>;
  /** Like `remem`, but returns the running process. */
  start(args: readonly string[], extra?: NodeJS.ProcessEnv): ChildProcess & { readonly ended: Promise<Run> };
}

/** Creates an empty directory and a server, both removed after the test. */
export async function workspace(options: { latencyMs?: number } = {}): Promise<Workspace> {
  const directory = temporaryDirectory();
  const server = await completionsServer(options);
  onTestFinished(() => server.close());
  const { REMEM_STORE: _, REMEM_CONFIG: __, ...inherited } = process.env;
  const env = { ...inherited, OPENAI_BASE_URL: server.baseURL, OPENAI_API_KEY: "test", NO_COLOR: "1" };

  function start(
    args: readonly string[],
    extra: NodeJS.ProcessEnv = {},
    options: readonly string[] = [],
  ): ReturnType<Workspace["start"]> {
    const child = spawn(process.execPath, [...options, bin, ...args], { cwd: directory, env: { ...env, ...extra } });
    const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]).then(
      ([out, err, [status]]) => ({ status, out, err }),
    );
    return Object.assign(child, { ended });
  }

  return {
    directory,
    server,
    write(name, lines) {
      const texts = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
      writeFileSync(join(directory, name), texts.map((line) => `${line}\n`).join(""));
    },
    read(name) {
      const lines = readFileSync(join(directory, name), "utf8").split("\n");
      return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
    },
    remem(args, input = "", extra) {
      const child = start(args, extra);
      child.stdin?.end(input);
      return child.ended;
    },
    node: (options, args, extra) => start(args, extra, options).ended,
    start,
  };
}

export function question(content: string, members: object = {}): object {
  return { ...members, messages: [{ role: "user", content }] };
}

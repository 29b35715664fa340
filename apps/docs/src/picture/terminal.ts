// Draws docs/images/terminal.svg: the output of the command on a terminal, with a server on this machine. Build the packages
// first.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import xterm from "@xterm/headless";
import { root } from "../pages.ts";
import { svgOf } from "./svg-of.ts";

const SIZE = { cols: 88, rows: 60 };
const COMMANDS = [
  "remem batch questions.jsonl -o answers.jsonl",
  "remem batch questions.jsonl -o answers.jsonl   # again",
  "remem explain request.json --nearest 1",
];

const { completionsServer } = await import(`${root}packages/testing/dist/index.js`);
const directory = mkdtempSync(join(tmpdir(), "remem-picture-"));
const server = await completionsServer({ latencyMs: 100 });
const terminal = new xterm.Terminal({ ...SIZE, allowProposedApi: true });
try {
  copyFileSync(join(root, "apps/examples/questions.jsonl"), join(directory, "questions.jsonl"));
  writeFileSync(join(directory, "request.json"), JSON.stringify(changed()));
  for (const command of COMMANDS) {
    await write(`\x1b[1;32m$\x1b[0m \x1b[1m${command}\x1b[0m\r\n`);
    await write(await onTerminal(command));
    await write("\r\n");
  }
  writeFileSync(join(root, "docs/images/terminal.svg"), svgOf(terminal, COMMANDS.join(", then ")));
} finally {
  await server.close();
  rmSync(directory, { recursive: true });
}

/** The first question, with a word and a parameter changed. */
function changed(): object {
  const [line = ""] = readFileSync(join(root, "apps/examples/questions.jsonl"), "utf8").split("\n");
  const { id: _, ...question } = JSON.parse(line.replace("or neutral", "or mixed"));
  return { ...question, temperature: 0.7 };
}

function write(data: string): Promise<void> {
  return new Promise((resolve) => terminal.write(data, resolve));
}

/** Runs a command of `remem` in a pseudo-terminal, and returns its output. */
async function onTerminal(command: string): Promise<string> {
  const run = command.replace("remem", `exec "${process.execPath}" "${join(root, "apps/cli/bin/remem.js")}"`);
  const env = { ...process.env, TERM: "xterm-256color", OPENAI_BASE_URL: server.baseURL, OPENAI_API_KEY: "any" };
  const shell = `stty cols ${SIZE.cols} rows 24; ${run}`;
  const child = spawn("script", ["-qec", `bash -c '${shell}'`, "/dev/null"], {
    cwd: directory,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [received] = await Promise.all([text(child.stdout), once(child, "close")]);
  return received;
}

// Answers a file of questions twice with the command `remem batch`, and shows what each pass cost.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { styleText } from "node:util";
import { completionsServer } from "@remem/testing";

const remem = fileURLToPath(new URL("../bin/remem.js", import.meta.resolve("@remem/cli")));
const questions = fileURLToPath(new URL("../questions.jsonl", import.meta.url));
const directory = await mkdtemp(join(tmpdir(), "remem-demo-"));

// It stays after the demo, so that the user can look at it.
const store = join(directory, "answers.sqlite");

const isReal = Boolean(process.env.OPENAI_API_KEY || process.env.OPENAI_BASE_URL);
const server = isReal ? undefined : await completionsServer({ latencyMs: 150 });
const env = { ...process.env, ...(server && { OPENAI_BASE_URL: server.baseURL, OPENAI_API_KEY: "demo" }) };

try {
  const by = server === undefined ? "the server that your environment names" : "a server on this machine";
  console.log(styleText("dim", `$ remem batch questions.jsonl -o answers.jsonl   # twice, answered by ${by}\n`));
  const first = await pass("first.jsonl");
  const second = await pass("second.jsonl");
  console.log(`${"".padEnd(16)}${styleText("bold", "first pass".padEnd(24))}${styleText("bold", "second pass")}`);
  for (const [name, figure] of first.figures) {
    console.log(`${name.padEnd(16)}${figure.padEnd(24)}${second.figures.get(name) ?? ""}`);
  }
  const same = JSON.stringify(first.answers) === JSON.stringify(second.answers);
  const calls = second.figures.get("provider calls");
  console.log(
    `\nThe second pass made ${calls} provider calls and returned ${same ? "the same answers" : "OTHER answers"}.`,
  );
  if (calls !== "0" || !same) process.exitCode = 1;
  const view = [process.execPath, remem, "view", "--store", `sqlite:${store}`].map(shellWord).join(" ");
  console.log(`\nLook at what is stored, in a browser:\n\n  ${view}`);
} finally {
  await server?.close();
}

function shellWord(word: string): string {
  return /^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Runs the command once. Returns its summary by name, and its answers without `cache_hit`. */
async function pass(output: string): Promise<{ figures: Map<string, string>; answers: unknown[] }> {
  const answers = join(directory, output);
  const args = [remem, "batch", questions, "-o", answers, "--store", `sqlite:${store}`];
  const command = spawn(process.execPath, args, { env, stdio: ["ignore", "inherit", "pipe"] });
  const [said, [status]] = await Promise.all([text(command.stderr), once(command, "close")]);
  if (status !== 0) throw new Error(`remem batch ended with status ${status}:\n${said}`);
  const rows = said.split("\n").flatMap((line) => {
    const [, name, figure] = /^(\S.*?) {2,}(\S.*)$/.exec(line) ?? [];
    return name === undefined || figure === undefined ? [] : [[name, figure] as const];
  });
  const lines = (await readFile(answers, "utf8")).trimEnd().split("\n");
  return { figures: new Map(rows), answers: lines.map((line) => ({ ...JSON.parse(line), cache_hit: undefined })) };
}

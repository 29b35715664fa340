import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { linesOf } from "./commands.ts";
import type { Block } from "./markdown.ts";

const packages = fileURLToPath(new URL("../../node_modules", import.meta.url));
const cli = fileURLToPath(new URL("../bin/remem.js", import.meta.resolve("@remem/cli")));

/** What a reader does besides, and a test cannot: install, and set up the environment that it has already. */
const LEFT_OUT = /^(npm|export) /;

/** Where the answers of a page lie, which is part of it. */
const STORE = /^export (REMEM_STORE)=(\S+)$/;

export interface Place {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A directory in which `remem` is installed, and a shell finds it as `remem` and as `npx remem`. */
export function placeIn(directory: string, baseURL: string): Place {
  const bin = join(directory, "bin");
  const cwd = join(directory, "work");
  for (const folder of [bin, cwd]) mkdirSync(folder);
  symlinkSync(packages, join(cwd, "node_modules"), "junction");
  const commands = { remem: `exec "${process.execPath}" "${cli}" "$@"`, npx: 'exec "$@"' };
  for (const [name, command] of Object.entries(commands)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${command}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const PATH = [bin, dirname(process.execPath), "/usr/bin", "/bin"].join(":");
  return { directory: cwd, env: { PATH, HOME: directory, OPENAI_BASE_URL: baseURL, OPENAI_API_KEY: "sk-test" } };
}

/** Does what a page says, block by block. Throws where a command fails, or prints what the page does not show. */
export async function walk(blocks: readonly Block[], { directory, env: given }: Place): Promise<void> {
  const env = { ...given };
  for (const { language, code, file } of blocks) {
    if (file !== undefined) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), code);
    } else if (language === "sh") {
      for (const line of linesOf(code)) {
        const [, name, value] = STORE.exec(line) ?? [];
        if (name !== undefined) env[name] = value;
        if (LEFT_OUT.test(line)) continue;
        const { status, said } = await shell(line);
        if (status !== 0) throw new Error(`$ ${line}\n${said}\nends with the status ${status}`);
      }
    } else if (language === "console") {
      for (const [, line = "", shown = ""] of code.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)) {
        const { said } = await shell(line);
        if (!matches(said, shown)) throw new Error(`$ ${line}\nsays:\n${said}\nand the page shows:\n${shown}`);
      }
    } else if (language === "ts") {
      writeFileSync(join(directory, "block.ts"), code);
      const { status, said } = await shell("node block.ts");
      if (status !== 0) throw new Error(`${code}\nends with the status ${status}:\n${said}`);
    }
  }

  async function shell(line: string): Promise<{ status: number | null; said: string }> {
    const child = spawn("sh", ["-c", `{ ${line.replace(/\s#\s.*$/, "")}; } 2>&1`], {
      cwd: directory,
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const said = await text(child.stdout);
    return { status: child.exitCode ?? (await new Promise((resolve) => child.once("close", resolve))), said };
  }
}

/** Whether a program says what a page shows. `…` stands for any text in a line; times and keys may be others. */
function matches(said: string, shown: string): boolean {
  const pattern = comparable(shown)
    .split("…")
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${pattern}$`).test(comparable(said));
}

function comparable(text: string): string {
  return text
    .trim()
    .replaceAll(/\b\d+(\.\d+)? ?m?s\b/g, "<time>")
    .replaceAll(/\b[0-9a-f]{12,64}\b/g, "<key>")
    .replaceAll(/ +/g, " ");
}

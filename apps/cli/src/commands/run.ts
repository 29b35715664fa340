import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import type { Command } from "commander";
import { gatewaySummary } from "../gateway/gateway-summary.ts";
import { type GatewayFlags, openGateway } from "../gateway/open-gateway.ts";
import { clientVariables, placeholderKeys, proxyVariables } from "../gateway/variables.ts";
import { complain } from "../output/complain.ts";

/** The exit statuses of shells for a program that cannot be run. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/** Runs a program with the gateway between it and its servers. Returns the program's exit status. */
export async function run(program: readonly string[], flags: GatewayFlags, command: Command): Promise<number> {
  const startedAt = performance.now();
  const gateway = await openGateway(flags, command);
  const url = await gateway.listen({ port: 0 });
  const { env } = process;
  const [file = "", ...args] = program;
  const own = {
    ...clientVariables(url, gateway.upstreams, env),
    ...proxyVariables(env),
    ...(flags.frozen && placeholderKeys(env)),
  };
  const child = spawn(file, args, { stdio: "inherit", env: { ...env, ...own } });
  const unsubscribe = passSignals(child);
  try {
    return await statusOf(child);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    console.error(`remem: ${file}: ${code === "ENOENT" ? "command not found" : message}`);
    return code === "ENOENT" ? NOT_FOUND : NOT_EXECUTABLE;
  } finally {
    // The command does not wait for other processes that the program has started.
    const outcome = await gateway.close({ graceMs: 0 });
    if (child.pid !== undefined) complain(`${gatewaySummary(outcome, performance.now() - startedAt)}\n`);
    unsubscribe();
  }
}

function statusOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal!]));
  });
}

/** Passes signals on to the program. A terminal sends those of its keys to the program by itself. */
function passSignals(child: ChildProcess): () => void {
  const pass = (signal: NodeJS.Signals): void => {
    if (signal !== "SIGINT" || !isInForeground()) child.kill(signal);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, pass);
  return () => {
    for (const signal of signals) process.off(signal, pass);
  };
}

/** Whether the keys of a terminal reach this process, and with it the program. */
function isInForeground(): boolean {
  try {
    const [, , group, , , foreground] = readFileSync("/proc/self/stat", "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return group === foreground;
  } catch {
    return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  }
}

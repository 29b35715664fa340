import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { expect, vi } from "vitest";
import type { Workspace } from "./remem.ts";

/** The patience of a test with a busy machine. */
export const WAIT = { timeout: 60_000, interval: 50 } as const;

/** Variables that this machine may have, and that tell where servers are. */
export const NONE: NodeJS.ProcessEnv = Object.fromEntries(
  [
    "ANTHROPIC_BASE_URL",
    "GOOGLE_GEMINI_BASE_URL",
    "AZURE_OPENAI_ENDPOINT",
    "OLLAMA_HOST",
    "OLLAMA_BASE_URL",
    "GROQ_BASE_URL",
  ].map((name) => [name, ""]),
);

export async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Resolves once a process has printed a text. */
export async function said({ stdout, stderr }: ChildProcess, text: string): Promise<void> {
  let all = "";
  for (const stream of [stdout, stderr]) {
    stream!.on("data", (piece) => {
      all += piece;
    });
  }
  await vi.waitFor(() => expect(all).toContain(text), WAIT);
}

export interface Serving {
  readonly child: ReturnType<Workspace["start"]>;
  readonly url: string;
}

/** Starts `remem serve`, and resolves once it listens. */
export async function serving(
  place: Workspace,
  flags: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Serving> {
  const port = await freePort();
  const child = place.start(["serve", "--port", `${port}`, ...flags], { ...NONE, ...env });
  await said(child, "OLLAMA_BASE_URL");
  return { child, url: `http://127.0.0.1:${port}` };
}

/** Asks a question over a connection of its own. */
export function ask(url: string, content = "Hi", members: object = {}): Promise<Response> {
  const body = JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content }], ...members });
  const headers = { authorization: "Bearer own", connection: "close" };
  return fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body });
}

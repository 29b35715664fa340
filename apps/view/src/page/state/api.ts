import { signal } from "@preact/signals";
import type { About } from "../../wire.ts";
import { asksForToken, authorization } from "./token.ts";

/** The server's description of itself. Undefined until it has arrived. */
export const about = signal<About | undefined>(undefined);

/** Why the page cannot go on. */
export const refusal = signal<string | undefined>(undefined);

async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { ...init.headers, authorization: authorization() };
  let response: Response;
  try {
    response = await fetch(`./api/${path}`, { ...init, headers });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Error("The program that has opened this page does not answer any more.");
  }
  if (response.ok) return response;
  const problem = problemIn(await response.json().catch(() => ({}))) ?? response.statusText;
  if (response.status === 401 || (response.status === 403 && asksForToken)) refusal.value = problem;
  throw new Error(problem);
}

/** A gateway describes a problem in the form of the servers behind it. */
function problemIn({ error }: { readonly error?: string | { readonly message?: string } }): string | undefined {
  return typeof error === "object" ? error.message : error;
}

/** Asks for JSON. Undefined if nothing has changed. */
export async function getJson<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  const response = await send(path, signal && { signal });
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

export async function getText(path: string): Promise<string> {
  return (await send(path)).text();
}

/** Sends a body, and returns the response. */
export async function post(path: string, body: unknown): Promise<Response> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return send(path, { method: "POST", body: text, headers: { "content-type": "application/json" } });
}

/** Reads lines of JSON as they arrive. */
export async function* jsonLines<Line>(path: string, signal: AbortSignal): AsyncGenerator<Line> {
  const response = await send(path, { signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let pieces: string[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = value.split("\n");
    const last = lines.pop()!;
    for (const line of lines) {
      yield JSON.parse(pieces.join("") + line) as Line;
      pieces = [];
    }
    pieces.push(last);
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

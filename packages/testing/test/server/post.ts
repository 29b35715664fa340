import type { ChatCompletion, ChatParams } from "@remem/core";
import type { CompletionsServer } from "../../src/index.ts";

/** A question with text only, plus the parameters that a test needs. */
export function question(text: string, params: Partial<ChatParams> = {}): object {
  return { model: "gpt-4o-mini", messages: [{ role: "user", content: text }], ...params };
}

export function post(server: CompletionsServer, body: object | string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server.baseURL}/chat/completions`, {
    method: "POST",
    headers: { authorization: "Bearer test-key", "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...init,
  });
}

export async function complete(server: CompletionsServer, body: object): Promise<ChatCompletion> {
  const response = await post(server, body);
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as ChatCompletion;
}

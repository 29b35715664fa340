import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { type CacheStore, cachedFetch, memoryStore, type RememFetchOptions } from "remem";
import { expect, onTestFinished, vi } from "vitest";
import { createGateway, type Gateway, type GatewayOptions, type Upstream } from "../src/index.ts";

export interface Setup extends Omit<GatewayOptions, "fetch"> {
  readonly store?: CacheStore;
  readonly options?: RememFetchOptions;
  readonly host?: string;
}

export interface Started {
  readonly url: string;
  readonly port: number;
  readonly gateway: Gateway;
}

/** Starts a gateway on a free port, and closes it after the test. */
export async function startGateway({ store = memoryStore(), options, host, ...others }: Setup): Promise<Started> {
  const gateway = createGateway({
    fetch: (own) => cachedFetch({ store, config: false, ...own, ...options }),
    ...others,
  });
  onTestFinished(() => gateway.close({ graceMs: 0 }));
  const url = await gateway.listen({ port: 0, host });
  return { url, port: Number(new URL(url).port), gateway };
}

/** All vendors at one server. */
export function vendorsAt(origin: string): Readonly<Record<string, Upstream>> {
  return {
    openai: { baseURL: `${origin}/v1` },
    anthropic: { baseURL: origin },
    gemini: { baseURL: origin },
    azure: { baseURL: origin },
    ollama: { baseURL: origin },
  };
}

/** A request as a server has received it. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Starts a server that records what it gets, before `answer` answers it. */
export async function recordingServer(
  answer: (received: Received, response: ServerResponse) => void,
): Promise<{ readonly origin: string; readonly received: readonly Received[] }> {
  const received: Received[] = [];
  const origin = await rawServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    const one = { method, url, headers, body: await buffer(request) };
    received.push(one);
    answer(one, response);
  });
  return { origin, received };
}

/** Starts a server that ends with the test. */
export async function rawServer(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The patience of a test with a busy machine. */
export const WAIT = { timeout: 30_000 } as const;

interface HeldExchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  closed: boolean;
}

interface HeldServer {
  readonly origin: string;
  readonly exchanges: readonly HeldExchange[];
  nth(index: number): Promise<HeldExchange>;
}

/** A server that hands out each of its exchanges. */
export async function heldServer(): Promise<HeldServer> {
  const exchanges: HeldExchange[] = [];
  const origin = await rawServer((incoming, outgoing) => {
    const exchange = { incoming, outgoing, closed: false };
    outgoing.once("close", () => {
      exchange.closed = true;
    });
    exchanges.push(exchange);
  });
  async function nth(index: number) {
    await vi.waitFor(() => expect(exchanges.length).toBeGreaterThan(index), WAIT);
    return exchanges[index]!;
  }
  return { origin, exchanges, nth };
}

/** Sends these bytes over a connection of their own, and returns all that comes back. The request must say `Connection: close`. */
export async function exchange(port: number, request: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(request);
  return text(socket);
}

/** A completion of a chat. */
export const CHAT: object = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "gpt-4o-mini",
  choices: [{ index: 0, message: { role: "assistant", content: "The Vistula." }, finish_reason: "stop" }],
  usage: { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 },
};

export const QUESTION: { readonly model: string; readonly messages: [{ role: "user"; content: string }] } = {
  model: "gpt-4o-mini",
  messages: [{ role: "user", content: "Kraków's river?" }],
};

export function post(url: string, body: object = QUESTION, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer sk-secret", ...headers },
    body: JSON.stringify(body),
  });
}

// A server whose hits are measured: the gateway, or one that answers every question with the same text.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { memoryStore } from "@remem/core";
import { cachedFetch } from "@remem/fetch";
import { createGateway } from "@remem/gateway";
import { sqliteStore } from "@remem/sqlite";
import { Hono } from "hono";

/** The server to open. */
export type HitServer =
  | { readonly kind: "echo" | "hono"; readonly answer: string }
  | { readonly kind: "memory" | "sqlite"; readonly serverUrl: string; readonly directory: string };

/** The resources that the process has used since it was started. */
export interface Used {
  readonly cpuUs: number;
  readonly rss: number;
  /** Answers that the gateway did not have. */
  readonly misses: number;
}

const JSON_TYPE = { "content-type": "application/json" };
let misses = (): number => 0;

async function open(server: HitServer): Promise<string> {
  if ("answer" in server) return server.kind === "echo" ? echo(server.answer) : hono(server.answer);
  const store =
    server.kind === "memory" ? memoryStore() : sqliteStore({ path: join(server.directory, "cache.sqlite") });
  const gateway = createGateway({
    fetch: (own) => cachedFetch({ store, ...own }),
    upstreams: { openai: { baseURL: server.serverUrl } },
  });
  misses = () => gateway.stats().cache.misses;
  return gateway.listen({ port: 0 });
}

function echo(answer: string): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    const pieces: Uint8Array[] = [];
    incoming.on("data", (piece) => pieces.push(piece));
    incoming.on("end", () => {
      Buffer.concat(pieces);
      outgoing.writeHead(200, { ...JSON_TYPE, "content-length": Buffer.byteLength(answer) }).end(answer);
    });
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(urlOf(server.address() as AddressInfo))));
}

function hono(answer: string): Promise<string> {
  const app = new Hono();
  app.post("*", async (context) => {
    await context.req.arrayBuffer();
    return context.body(answer, 200, JSON_TYPE);
  });
  return new Promise((resolve) =>
    serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, (address) => resolve(urlOf(address))),
  );
}

const urlOf = ({ port }: Pick<AddressInfo, "port">): string => `http://127.0.0.1:${port}`;

process.send!(await open(JSON.parse(process.argv[2]!)));
process.on("message", ({ collects }: { readonly collects: boolean }) => {
  if (collects) globalThis.gc?.(); // It would count as the time of requests.
  const { user, system } = process.cpuUsage();
  process.send!({ cpuUs: user + system, rss: process.memoryUsage.rss(), misses: misses() } satisfies Used);
});
process.on("disconnect", () => process.exit());

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { pythonWith } from "@remem/test-support/python";
import { describe, expect, onTestFinished, test } from "vitest";
import { vendorServer } from "../../../../packages/fetch/test/clients/vendor-server.ts";
import { embeddingsServer } from "../../../../packages/fetch/test/surfaces/embeddings/embeddings-server.ts";
import { workspace } from "../support/remem.ts";

const VERSIONS = { openai: "3.22.1", anthropic: "1.13.0" };
const python = pythonWith(Object.entries(VERSIONS).map(([name, version]) => `${name}==${version}`));
const program = fileURLToPath(new URL("programs/clients.py", import.meta.url));

interface Sent {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** One server for all that the program asks. */
async function setUp() {
  const place = await workspace();
  const [vendors, embeddings] = await Promise.all([vendorServer(), embeddingsServer()]);
  const sent: Sent[] = [];
  const front = createServer(async (request, response) => {
    const { url: path = "", headers } = request;
    const body = await text(request);
    sent.push({ path, headers, body: JSON.parse(body) });
    const isChat = path.startsWith("/v1/chat");
    const { origin } = new URL(
      path === "/v1/embeddings" ? embeddings.baseURL : isChat ? place.server.baseURL : vendors.origin,
    );
    const answer = await fetch(origin + path, { method: "POST", headers: { authorization: "Bearer k" }, body });
    const { "content-type": type = "" } = Object.fromEntries(answer.headers);
    response.writeHead(answer.status, { "content-type": type }).end(Buffer.from(await answer.arrayBuffer()));
  }).listen(0, "127.0.0.1");
  await once(front, "listening");
  onTestFinished(() => void front.close());
  const origin = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  const env = { OPENAI_BASE_URL: `${origin}/v1`, ANTHROPIC_BASE_URL: origin, AZURE_OPENAI_ENDPOINT: "" };
  /** Runs the program by itself, with these addresses. */
  async function straight(addresses: NodeJS.ProcessEnv) {
    const child = spawn(python!, [program], { env: { ...process.env, ...addresses } });
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect(err).toBe("");
    return resultsIn(out);
  }
  return { ...place, origin, env, sent, straight };
}

function resultsIn(out: string): Record<string, unknown> {
  const lines = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  return Object.fromEntries(lines.map(({ call, result }) => [call, result]));
}

/** Headers that depend on the machine or the connection. */
const OF_MACHINE = /^(?:host|connection|content-length|accept-encoding|user-agent|x-stainless-.*)$/;

describe.skipIf(python === undefined)("the packages of OpenAI and Anthropic in Python", { timeout: 300_000 }, () => {
  test("get by remem run what their servers give, as a miss and as a hit", async () => {
    const { remem, straight, env, sent } = await setUp();
    const expected = await straight(env);
    const count = sent.length;
    expect(Object.keys(expected)).toHaveLength(21);
    const miss = await remem(["run", "--", python!, program], "", env);
    expect([miss.status, resultsIn(miss.out)]).toEqual([0, expected]);
    const asked = sent.length - count;
    expect(asked).toBeLessThan(count - 9);
    const hit = await remem(["run", "--frozen", "--", python!, program], "", env);
    expect([hit.status, resultsIn(hit.out)]).toEqual([0, expected]);
    expect(sent).toHaveLength(count + asked);
    expect(hit.err).toMatch(/^misses +0$/m);

    const error = await remem(["run", "--frozen", "--store", "memory:", "--", python!, program, "error"], "", env);
    const [name, status, body] = JSON.parse(error.out);
    expect([name, status]).toEqual(["APIStatusError", 402]);
    expect(body).toMatchObject({ message: expect.stringMatching(/No answer is stored/), code: "cache_miss" });

    const requests = sent.slice(0, count).map(({ path, headers, body }) => {
      const client = path.startsWith("/v1/messages") ? "anthropic" : "openai";
      const kept = Object.entries(headers).filter(([name]) => !OF_MACHINE.test(name));
      const shown = { path, headers: Object.fromEntries(kept.sort()), body };
      return JSON.stringify({ client: `${client} (Python)`, version: VERSIONS[client], call: "", step: 0, ...shown });
    });
    await expect(`${[...new Set(requests)].join("\n")}\n`).toMatchFileSnapshot(
      "../../../../packages/fetch/test/golden/python-requests.jsonl",
    );
  });

  test("get the same through a base URL of remem serve", async () => {
    const { start, straight, env, sent } = await setUp();
    const expected = await straight(env);
    const count = sent.length;
    const gateway = start(["serve", "--port", "0"], env);
    let printed = "";
    gateway.stdout!.on("data", (piece) => {
      printed += piece;
    });
    while (!printed.includes("OLLAMA_BASE_URL")) await once(gateway.stdout!, "data");
    const addresses = Object.fromEntries(
      [...printed.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, url]) => [name, url]),
    );
    expect(await straight(addresses)).toEqual(expected);
    const asked = sent.length - count;
    expect(await straight(addresses)).toEqual(expected);
    expect(sent).toHaveLength(count + asked);
    gateway.kill("SIGTERM");
    expect((await gateway.ended).status).toBe(0);
  });
});

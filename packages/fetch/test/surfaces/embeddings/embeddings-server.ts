import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { onTestFinished } from "vitest";

export interface EmbeddingsServer {
  readonly baseURL: string;
  /** The inputs of each request. */
  readonly asked: ReadonlyArray<ReadonlyArray<unknown>>;
  /** The next answer is this status. */
  fail(status: number): void;
}

/** A server whose vectors begin with the input's length: it answers as OpenAI does, in the format that is asked for. */
export async function embeddingsServer(): Promise<EmbeddingsServer> {
  const asked: unknown[][] = [];
  const failures: number[] = [];
  const server = createServer(async (request, response) => {
    const { input, model, encoding_format } = (await json(request)) as Record<string, unknown>;
    const inputs = Array.isArray(input) && typeof input[0] !== "number" ? input : [input];
    asked.push(inputs);
    const status = failures.shift() ?? 200;
    const data = inputs.map((one: string | number[], index) => {
      const vector = [one.length, 0.1, -0.0023064255].map(Math.fround);
      const base64 = Buffer.from(new Float32Array(vector).buffer).toString("base64");
      const decimals = [one.length, 0.1, -0.0023064255];
      return { object: "embedding", index, embedding: encoding_format === "base64" ? base64 : decimals };
    });
    const tokens = inputs.length * 3 + 1;
    const usage = { prompt_tokens: tokens, total_tokens: tokens };
    response.writeHead(status, { "content-type": "application/json", "x-request-id": `r${asked.length}` });
    response.end(
      JSON.stringify(status === 200 ? { object: "list", data, model, usage } : { error: { message: "no" } }),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { baseURL: `http://127.0.0.1:${port}/v1`, asked, fail: (status) => failures.push(status) };
}

// A server that embeds immediately, as vectors of 1,536 numbers in base64.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

const vector = Buffer.from(Float32Array.from({ length: 1_536 }, (_, n) => Math.sin(n)).buffer).toString("base64");

const server = createServer(async (incoming, outgoing) => {
  const { input, model } = (await json(incoming)) as { readonly input: readonly string[]; readonly model: string };
  const data = input.map((_, index) => ({ object: "embedding", index, embedding: vector }));
  const tokens = input.length * 50;
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  outgoing.setHeader("content-type", "application/json").end(JSON.stringify({ object: "list", data, model, usage }));
});
server.listen(0, "127.0.0.1", () => {
  process.send!(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
});
process.on("disconnect", () => process.exit());

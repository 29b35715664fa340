// Arguments: the URL of the store (or `cluster:` or `sentinel:` with the ports of its nodes), the URL of the provider, a name, a
// seed. Asks random questions in four lanes until it is told to stop or is killed, and sends the answers and events to its
// parent. The parent sends the number from which questions are new.
import { setTimeout as pause } from "node:timers/promises";
import { createCluster, createSentinel } from "@redis/client";
import { redisStore } from "@remem/redis";
import { createRemem, ProviderError } from "remem";
import { luck } from "../seed.ts";

const [storeUrl, baseURL, name, seed] = process.argv.slice(2);
const LANES = 4;
const dice = luck(Number(seed));
let newest = 0;
let goesOn = true;

// Not the provider of the SDK, which takes longer to load than most of these processes live.
const provider = {
  specVersion: 1,
  id: "http",
  async generate(request, { signal }) {
    const response = await fetch(`${baseURL}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${name}` },
      body: JSON.stringify(request),
      signal,
    });
    if (!response.ok) throw new ProviderError(`status ${response.status}`, { provider: "http" });
    return response.json();
  },
};
const connection = await connect();
const client = createRemem({
  provider,
  store: connection === undefined ? storeUrl : redisStore({ client: connection }),
  onEvent({ type, key, error }) {
    if (type === "stored") process.send({ stored: key });
    if (type === "store-error") process.send({ storeError: error.message });
    if (type === "damaged-entry") process.send({ damaged: key });
  },
});

process.on("message", (message) => {
  if (message.newest !== undefined) newest = message.newest;
  if (message.stop) goesOn = false;
});

async function ask() {
  const age = dice.roll() < 0.15 ? dice.pick(newest + 1) : 0;
  const content = `question ${newest - age + dice.pick(20)}`;
  const from = now();
  const { response, key } = await client.infer([{ role: "user", content }]);
  process.send({ answer: { content, response, key, from, to: now() } });
}

/** Identical in all processes. */
function now() {
  return performance.timeOrigin + performance.now();
}

async function lane() {
  while (goesOn) {
    await ask();
    await pause(dice.pick(10)); // Otherwise hits would occupy all cores.
  }
}
process.send({ ready: true });
await Promise.all(Array.from({ length: LANES }, lane));
await client.close();
connection?.destroy();
process.disconnect();

async function connect() {
  const [kind, list] = storeUrl.split(":");
  if (kind !== "cluster" && kind !== "sentinel") return undefined;
  const nodes = list.split(",").map((port) => ({ host: "127.0.0.1", port: Number(port) }));
  const connection =
    kind === "cluster"
      ? createCluster({ rootNodes: nodes.map((socket) => ({ socket })) })
      : createSentinel({ name: "mymaster", sentinelRootNodes: nodes });
  connection.on("error", () => {});
  return connection.connect();
}

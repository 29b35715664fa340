// Sends requests to a server with `autocannon`, in a process of its own, once for each message.

import autocannon from "autocannon";

/** One run. */
export interface Load {
  readonly url: string;
  /** Bodies of requests. Each connection starts with another one. */
  readonly bodies: readonly string[];
  readonly connections: number;
  readonly requests: number;
  /** Shorter answers are errors. */
  readonly leastChars: number;
  /** Measures until the first byte of an answer's body, instead of the last one. */
  readonly firstByte?: boolean;
}

/** The results of one run. */
export interface Loaded {
  /** One per request, without the first one of each connection, which waits until it is connected. */
  readonly latenciesUs: readonly number[];
  readonly perSecond: number;
  readonly errors: number;
}

async function run({ url, bodies, connections, requests, leastChars, firstByte }: Load): Promise<Loaded> {
  const latenciesUs: number[] = [];
  const all = bodies.map((body) => ({ method: "POST" as const, body }));
  let place = 0;
  let [first, last, answers] = [0, 0, 0];
  const { errors, non2xx, mismatches } = await autocannon({
    url: `${url}/v1/chat/completions`,
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer sk-none" },
    connections,
    amount: requests,
    // It looks this often, in milliseconds, whether it has finished.
    sampleInt: 20,
    verifyBody: (body) => String(body).length >= leastChars,
    setupClient(client) {
      client.setRequests([...all.slice(place), ...all.slice(0, place)]);
      place = (place + 1) % all.length;
      // Its types know only one of its events.
      const events: NodeJS.EventEmitter = client;
      let asked = 0;
      let start: number | undefined;
      events.on("request", () => {
        start = asked++ === 0 ? undefined : performance.now();
      });
      events.on(firstByte ? "body" : "response", () => {
        if (start !== undefined) latenciesUs.push((performance.now() - start) * 1_000);
        start = undefined;
      });
      events.on("response", () => {
        last = performance.now();
        if (answers++ === 0) first = last;
      });
    },
  });
  const lost = requests - answers;
  return {
    latenciesUs,
    perSecond: ((answers - 1) / (last - first)) * 1_000,
    errors: Math.max(lost, errors) + non2xx + mismatches,
  };
}

process.on("message", async (load: Load) => process.send!(await run(load)));
process.on("disconnect", () => process.exit());

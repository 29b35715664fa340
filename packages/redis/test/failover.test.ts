import { RememError } from "@remem/core";
import { describe, expect, test } from "vitest";
import { createFailoverRetry, FAILOVER_MS } from "../src/failover.ts";
import type { ReconnectingClient } from "../src/reconnecting-client.ts";

const failing = (message: string) => async () => {
  throw new Error(message);
};

/** Nodes that are down, with a clock that advances only while the code under test sleeps. */
function over({
  nodes = { a: "node 1", b: "node 2" },
  failsOver = true,
}: {
  nodes?: Record<string, string>;
  failsOver?: boolean;
} = {}) {
  const client: ReconnectingClient = {
    isLoaded: true,
    failsOver,
    async load() {},
    nodeOf: (place) => nodes[place]!,
    use: (work) => work({} as never),
    drop() {},
  };
  let time = 0;
  const through = createFailoverRetry(client, {
    now: () => time,
    async sleep(ms) {
      time += ms;
    },
  });
  return {
    through,
    now: () => time,
    /** How long the operation takes to settle. */
    async took(work: () => Promise<unknown>, place?: string): Promise<number> {
      const from = time;
      await through(work, place).catch(() => {});
      return time - from;
    },
  };
}

describe("an operation", () => {
  test.each([
    "not connected to the node 127.0.0.1:7000",
    "no answer within `timeoutMs` (1000 ms)",
    "Socket closed unexpectedly",
    "connect ECONNREFUSED 127.0.0.1:7000",
    "ECONNREFUSED",
    "CLUSTERDOWN The cluster is down",
    "CLUSTERDOWN Hash slot not served",
    "MASTERDOWN Link with MASTER is down",
    "TRYAGAIN Multiple keys request during rehashing of slot",
    "LOADING Redis is loading the dataset in memory",
    "READONLY You can't write against a read only replica.",
    "MOVED 3999 127.0.0.1:6381",
  ])("that fails with '%s' is retried until another node has taken over", async (message) => {
    const { through, now } = over();
    expect(await through(async () => (now() > FAILOVER_MS / 2 ? "answer" : failing(message)()), "a")).toBe("answer");
  });

  test.each([
    "OOM command not allowed when used memory > 'maxmemory'.",
    "NOPERM this user has no permissions to run the 'eval' command",
    "WRONGTYPE Operation against a key holding the wrong kind of value",
    "NOAUTH Authentication required.",
    "ERR unknown command",
  ])("that is refused with '%s' fails immediately", async (message) => {
    expect(await over().took(failing(message), "a")).toBe(0);
  });

  test("on a standalone server, or without a Redis key, fails immediately", async () => {
    expect(await over({ nodes: { a: "" }, failsOver: false }).took(failing("Socket closed"), "a")).toBe(0);
    expect(await over().took(failing("Socket closed"))).toBe(0);
  });

  test("on a client that its owner has closed fails immediately", async () => {
    const closed = async () => {
      throw new RememError("STORE_ERROR", "its `client` is not connected");
    };
    expect(await over().took(closed, "a")).toBe(0);
  });
});

describe("an outage", () => {
  const fail = failing("Socket closed");

  test("is waited for once, by all operations of its node together, and not by operations of other nodes", async () => {
    const { took } = over();
    expect(await took(fail, "a")).toBeGreaterThanOrEqual(FAILOVER_MS);
    expect(await took(fail, "a")).toBe(0);
    expect(await took(async () => "answer", "b")).toBe(0);
    expect(await took(fail, "b")).toBeGreaterThanOrEqual(FAILOVER_MS);
  });

  test("that ends and recurs is waited for again", async () => {
    const { took, through } = over();
    await took(fail, "a");
    await through(async () => "answer", "a");
    expect(await took(fail, "a")).toBeGreaterThanOrEqual(FAILOVER_MS);
  });

  test("ends when another node has taken over, so that the next one of the same node is waited for", async () => {
    const nodes = { a: "node 1" };
    const { took, through, now } = over({ nodes });
    const answer = await through(async () => {
      if (now() > 1_000) nodes.a = "node 2";
      return nodes.a === "node 1" ? fail() : "answer";
    }, "a");
    expect(answer).toBe("answer");
    nodes.a = "node 1";
    expect(await took(fail, "a")).toBeGreaterThanOrEqual(FAILOVER_MS);
  });
});

import { once } from "node:events";
import { connect } from "node:net";
import { RememError } from "remem";
import { expect, test, vi } from "vitest";
import { createReadiness } from "../src/observe/readiness.ts";
import { heldServer, rawServer, startGateway, vendorsAt } from "./gateway.ts";

const page = async (url: string) => {
  const response = await fetch(url);
  return [response.status, await response.json()];
};

test("/readyz is what its check says, and /healthz is not", async () => {
  let problem: unknown;
  const { url } = await startGateway({
    ready: async () => {
      if (problem !== undefined) throw problem;
    },
  });
  expect(await page(`${url}/readyz`)).toEqual([200, { status: "ok" }]);
  problem = new Error("redis://user:pass@host is gone");
  expect(await page(`${url}/readyz`)).toEqual([503, { status: "unready", reason: "the check has failed" }]);
  problem = new RememError("STORE_CLOSED", "closed");
  const reason = "the check has failed: STORE_CLOSED";
  expect(await page(`${url}/readyz`)).toEqual([503, { status: "unready", reason }]);
  expect(await page(`${url}/healthz`)).toEqual([200, { status: "ok" }]);
});

test("a gateway without a check is ready", async () => {
  const { url } = await startGateway({});
  expect(await page(`${url}/readyz`)).toEqual([200, { status: "ok" }]);
});

test("a check that takes too long has failed, and is asked once by all who ask meanwhile", async () => {
  vi.useFakeTimers();
  try {
    const check = vi.fn(() => new Promise(() => {}));
    const problem = createReadiness(check);
    const asked = [problem(), problem()];
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await Promise.all(asked)).toEqual(Array(2).fill("the check takes longer than 2 s"));
    expect(check).toHaveBeenCalledTimes(1);
    void problem();
    expect(check).toHaveBeenCalledTimes(2);
  } finally {
    vi.useRealTimers();
  }
});

test("a gateway that is being closed is not ready", async () => {
  const { origin, nth } = await heldServer();
  const { port, gateway } = await startGateway({ upstreams: vendorsAt(origin) });
  // Two requests at once on one connection: the second is read when the first is answered, and the gateway is being closed by then.
  const socket = connect(port, "127.0.0.1").setEncoding("utf8");
  let said = "";
  socket.on("data", (text: string) => {
    said += text;
  });
  socket.write("GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const { outgoing } = await nth(0);
  const closing = gateway.close();
  socket.write("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  outgoing.end("models");
  await once(socket, "close");
  await closing;
  expect(said).toMatch(/^HTTP\/1\.1 200 .*models.*HTTP\/1\.1 503 .*"code":"closing"/s);
});

test("no upstream takes the name of one of these pages", async () => {
  for (const name of ["healthz", "readyz", "metrics"]) {
    const upstreams = { [name]: { baseURL: "http://localhost:1" } };
    await expect(startGateway({ upstreams })).rejects.toThrow(`upstreams.${name}`);
  }
});

test("the pages are there for no other origin and no other host", async () => {
  const origin = await rawServer((_, response) => response.end());
  const { url } = await startGateway({ upstreams: vendorsAt(origin) });
  for (const path of ["/readyz", "/metrics"]) {
    expect((await fetch(url + path, { headers: { origin: "https://elsewhere.example" } })).status).toBe(403);
  }
});

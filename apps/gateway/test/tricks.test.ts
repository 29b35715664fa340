import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { exchange, recordingServer, startGateway, vendorsAt } from "./gateway.ts";

/** A server that only a trick could reach, and a gateway whose upstreams are at another one, below `/team`. */
async function setUp() {
  const elsewhere = await recordingServer((_, response) => response.end("elsewhere"));
  const upstream = await recordingServer((_, response) => response.end("upstream"));
  const vendors = vendorsAt(`${upstream.origin}/team`);
  const own = { baseURL: `${upstream.origin}/team/own` };
  const { port, gateway } = await startGateway({ upstreams: { ...vendors, own } });
  return { elsewhere, upstream, port, gateway, host: new URL(elsewhere.origin).host };
}

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
const ask = (port: number, target: string, lines: readonly string[] = ["Host: localhost"], method = "GET") =>
  exchange(port, [`${method} ${target} HTTP/1.1`, ...lines, "Connection: close", "", ""].join("\r\n"));

test.each([
  ["..", "/v1/../../secret", 400],
  ["an encoded ..", "/v1/%2e%2e/%2e%2e/secret", 400],
  ["a half-encoded ..", "/v1/.%2e/secret", 400],
  ["encoded slashes around ..", "/v1/..%2f..%2fsecret", 400],
  ["encoded backslashes around ..", "/v1/..%5c..%5csecret", 400],
  [".", "/v1/./models", 400],
  ["a backslash", "/v1\\..\\secret", 400],
  ["a backslash for an authority", "/\\elsewhere/v1/models", 400],
  ["two slashes for an authority", "//elsewhere/v1/models", 404],
  ["three slashes", "///elsewhere/v1", 404],
  ["a user in front of an authority", "/v1@elsewhere/models", 404],
  ["a port behind the prefix", "/v1:80/models", 404],
  ["a prefix that goes on", "/v1x/models", 404],
  ["an encoded prefix", "/%76%31/models", 404],
  ["a prefix with another case", "/V1/models", 404],
  ["an encoded name", "/%6fwn/models", 404],
  ["an address for a name", "/http://elsewhere/v1/models", 404],
  ["a broken escape", "/v1/%zz", 400],
  ["a fragment", "/v1/models#@elsewhere", 400],
  ["a name of JavaScript", "/__proto__/models", 404],
  ["another name of JavaScript", "/constructor/models", 404],
  ["an asterisk", "*", 400],
  ["nothing", "/", 404],
] as const)("%s in a path leads nowhere", async (_, target, status) => {
  const { elsewhere, upstream, port, host } = await setUp();
  const answer = await ask(port, target.replaceAll("elsewhere", host));
  expect(statusOf(answer)).toBe(status);
  expect(elsewhere.received).toEqual([]);
  expect(upstream.received).toEqual([]);
});

test.each([
  ["two slashes", "/v1//models", "/team/v1//models"],
  ["an encoded slash", "/v1/models/a%2Fb", "/team/v1/models/a%2Fb"],
  ["dots in a name", "/v1/models/..a...b", "/team/v1/models/..a...b"],
  ["an authority in the query", "/v1/models?at=//elsewhere/../x", "/team/v1/models?at=//elsewhere/../x"],
  ["nothing after a prefix", "/v1", "/team/v1"],
  ["nothing after a name", "/own", "/team/own"],
  ["a query after a name", "/own?a=1", "/team/own?a=1"],
])("%s in a path stays as it is", async (_, target, expected) => {
  const { elsewhere, upstream, port } = await setUp();
  expect(statusOf(await ask(port, target))).toBe(200);
  expect(upstream.received).toMatchObject([{ url: expected }]);
  expect(elsewhere.received).toEqual([]);
});

test.each([
  ["another host", "/v1/models", ["Host: attacker.example"], 403],
  ["a name that begins like a loopback one", "/v1/models", ["Host: localhost.attacker.example"], 403],
  ["a name that ends like one", "/v1/models", ["Host: notlocalhost"], 403],
  ["an address that begins like one", "/v1/models", ["Host: 127.0.0.1.attacker.example"], 403],
  ["a user before a loopback name", "/v1/models", ["Host: attacker.example@localhost"], 400],
  ["a path behind a loopback name", "/v1/models", ["Host: localhost/attacker.example"], 400],
  ["the address of any interface", "/v1/models", ["Host: 0.0.0.0"], 403],
  ["no host", "/v1/models", [], 400],
  ["an empty host", "/v1/models", ["Host:"], 400],
  ["two hosts", "/v1/models", ["Host: localhost", "Host: attacker.example"], 403],
  ["a forwarded host", "/v1/models", ["Host: localhost", "X-Forwarded-Host: attacker.example"], 200],
  ["an address for a target", "http://attacker.example/v1/models", ["Host: localhost"], 403],
  ["an address of TLS for a target", "https://attacker.example/v1/models", ["Host: localhost"], 403],
  ["a loopback address for a target", "http://localhost/v1/models", ["Host: attacker.example"], 200],
  ["a loopback name with a port", "/v1/models", ["Host: localhost:1"], 200],
  ["an IPv6 address", "/v1/models", ["Host: [::1]:8787"], 200],
  ["another loopback address", "/v1/models", ["Host: 127.8.8.8"], 200],
  ["a page of another origin", "/v1/models", ["Host: localhost", "Origin: https://attacker.example"], 403],
  ["a page without an origin", "/v1/models", ["Host: localhost", "Origin: null"], 403],
  ["an image in a page of another site", "/v1/models", ["Host: localhost", "Sec-Fetch-Site: cross-site"], 403],
  ["a page of this machine", "/v1/models", ["Host: localhost", "Origin: http://localhost:3000"], 200],
  ["a page that asks for its health", "/healthz", ["Host: localhost", "Origin: https://attacker.example"], 403],
] as const)("%s: %s %j is answered with the status %i", async (_, target, lines, status) => {
  const { upstream, port } = await setUp();
  expect(statusOf(await ask(port, target, lines))).toBe(status);
  expect(upstream.received).toHaveLength(status === 200 ? 1 : 0);
});

describe("a request that is no HTTP", () => {
  test.each([
    ["two lengths", ["Host: localhost", "Content-Length: 3", "Content-Length: 5"], 400],
    ["a length and chunks", ["Host: localhost", "Content-Length: 3", "Transfer-Encoding: chunked"], 400],
    ["a negative length", ["Host: localhost", "Content-Length: -1"], 400],
    ["a flood of headers", ["Host: localhost", ...Array.from({ length: 3_000 }, (_, i) => `X-${i}: ${i}`)], 431],
    ["a long header", ["Host: localhost", `X-Long: ${"x".repeat(20_000)}`], 431],
    ["a header without a name", ["Host: localhost", ": x"], 400],
  ])("%s is refused", async (_, lines, status) => {
    const { upstream, port } = await setUp();
    const request = ["POST /v1/files HTTP/1.1", ...lines, "Connection: close", "", "abc"].join("\r\n");
    expect(statusOf(await exchange(port, request))).toBe(status);
    expect(upstream.received).toEqual([]);
  });

  test("CONNECT and TRACE reach nobody", async () => {
    const { elsewhere, upstream, port, host } = await setUp();
    expect(await ask(port, host, [`Host: ${host}`], "CONNECT")).not.toMatch(/^HTTP\/1\.1 2/);
    expect(statusOf(await ask(port, "/v1/models", undefined, "TRACE"))).toBe(405);
    expect([...elsewhere.received, ...upstream.received]).toEqual([]);
  });
});

test("whatever a path is made of, it reaches its upstream below its own address, or nothing", async () => {
  const { elsewhere, upstream, port, host } = await setUp();
  const parts = [
    "/",
    "//",
    "..",
    ".",
    "%2e",
    "%2E%2e",
    "%2f",
    "%5c",
    "\\",
    "v1",
    "v1beta",
    "messages",
    "api",
    "openai",
    "own",
  ];
  parts.push(
    "models",
    "@",
    ":",
    ":80",
    "?",
    "#",
    ";",
    "%00",
    "%",
    "http:",
    host,
    "~",
    "..;",
    "é".normalize("NFD"),
    "%c0%ae",
  );
  let random = 0;
  const next = (below: number): number => {
    random += 1;
    return createHash("sha256").update(`path ${random}`).digest().readUInt32BE() % below;
  };
  for (let round = 0; round < 400; round++) {
    const path = `/${Array.from({ length: 1 + next(6) }, () => parts[next(parts.length)]).join("")}`;
    const before = upstream.received.length;
    const status = statusOf(await ask(port, path));
    const reached = upstream.received.slice(before);
    expect([200, 400, 404], path).toContain(status);
    expect(reached, path).toHaveLength(status === 200 ? 1 : 0);
    for (const { url } of reached) {
      expect(url, path).toMatch(/^\/team(?:[/?]|$)/);
      expect(decodeURIComponent(url.split("?")[0]!), path).not.toMatch(/(?:^|[/\\])\.\.?(?:[/\\]|$)/);
    }
  }
  expect(elsewhere.received).toEqual([]);
  expect(upstream.received.length).toBeGreaterThan(20);
});

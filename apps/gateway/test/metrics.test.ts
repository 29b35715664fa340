import { readFileSync } from "node:fs";
import { memoryStore } from "remem";
import { describe, expect, test, vi } from "vitest";
import { metricsText } from "../src/index.ts";
import type { JournalCall } from "../src/observe/calls.ts";
import { createMetrics } from "../src/observe/metrics.ts";
import { CHAT, heldServer, post, QUESTION, recordingServer, startGateway, vendorsAt, WAIT } from "./gateway.ts";

/** The series of a page: their name with labels, and their value. */
function seriesIn(page: string): Record<string, number> {
  const lines = page.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.lastIndexOf(" ");
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

async function seriesOf(url: string): Promise<Record<string, number>> {
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  return seriesIn(await response.text());
}

const priceOf = (model: string, { input, output }: { readonly input: number; readonly output: number }) =>
  model === "gpt-4o-mini" ? input + output * 10 : undefined;

const answering = () =>
  recordingServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(CHAT));
  });

test("a miss, a hit and what passes are counted, with tokens and money", async () => {
  const { origin } = await answering();
  const { url } = await startGateway({ store: memoryStore(), priceOf, upstreams: vendorsAt(origin) });
  await post(`${url}/v1/chat/completions`);
  for (let turn = 0; turn < 3; turn++) await post(`${url}/v1/chat/completions`);
  await fetch(`${url}/v1/models`);
  await fetch(`${url}/nowhere`);
  await post(`${url}/v1/chat/completions`, QUESTION, { "cache-control": "only-if-cached", "x-remem-sample": "1" });
  const series = await seriesOf(url);
  const labels = `surface="chat",model="gpt-4o-mini"`;
  expect(series).toMatchObject({
    [`remem_calls_total{${labels},source="miss"}`]: 1,
    [`remem_calls_total{${labels},source="hit"}`]: 3,
    [`remem_calls_total{${labels},source="joined"}`]: 0,
    'remem_provider_calls_total{surface="chat"}': 1,
    [`remem_tokens_total{${labels},kind="paid",direction="input"}`]: 5,
    [`remem_tokens_total{${labels},kind="paid",direction="output"}`]: 3,
    [`remem_tokens_total{${labels},kind="saved",direction="input"}`]: 15,
    [`remem_tokens_total{${labels},kind="saved",direction="output"}`]: 9,
    [`remem_cost_dollars_total{${labels},kind="paid"}`]: 35,
    [`remem_cost_dollars_total{${labels},kind="saved"}`]: 105,
    'remem_call_errors_total{surface="chat",code="CACHE_MISS",source="hit"}': 1,
    'remem_refusals_total{reason="unknown_path"}': 1,
    'remem_refusals_total{reason="only-if-cached"}': 1,
    'remem_requests_total{status="2xx"}': 5,
    'remem_requests_total{status="4xx"}': 2,
    remem_requests_in_flight: 0, // That for this page is not counted.
    'remem_call_duration_seconds_count{surface="chat",source="hit"}': 3,
    'remem_call_duration_seconds_bucket{surface="chat",source="hit",le="+Inf"}': 3,
  });
  expect(series.process_resident_memory_bytes).toBeGreaterThan(1e6);
  expect(series.process_cpu_seconds_total).toBeGreaterThan(0);
});

test("calls that fail, answers that are not stored, and requests in flight are counted", async () => {
  const { origin, nth } = await heldServer();
  const { url } = await startGateway({ upstreams: vendorsAt(origin) });
  const leaving = new AbortController();
  const left = fetch(`${url}/v1/files`, { signal: leaving.signal }).catch(() => {});
  const first = await nth(0);
  expect((await seriesOf(url)).remem_requests_in_flight).toBe(1);
  leaving.abort();
  await left;
  await vi.waitFor(() => expect(first.closed).toBe(true), WAIT);
  const asked = post(`${url}/v1/chat/completions`);
  (await nth(1)).outgoing.writeHead(500).end("{}");
  await asked;
  const cut = post(`${url}/v1/chat/completions`);
  const choices = [{ index: 0, message: { role: "assistant", content: "The" }, finish_reason: "content_filter" }];
  const answer = { ...CHAT, choices };
  (await nth(2)).outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  await cut;
  await vi.waitFor(async () => {
    const series = await seriesOf(url);
    expect(series).toMatchObject({
      remem_requests_in_flight: 0,
      'remem_requests_total{status="4xx"}': 1, // The caller that has left.
      'remem_requests_total{status="5xx"}': 1,
      'remem_provider_calls_total{surface="chat"}': 2,
      'remem_call_errors_total{surface="chat",code="PROVIDER_ERROR",source="miss"}': 1,
      'remem_unpriced_calls_total{model="gpt-4o-mini"}': 1,
    });
    expect(Object.keys(series).some((name) => name.startsWith("remem_not_stored_total{reason="))).toBe(true);
  }, WAIT);
});

const call = (members: Partial<JournalCall>): JournalCall => ({
  at: 0,
  key: "k",
  surface: "chat",
  model: "m",
  mode: "default",
  source: "store",
  tokens: { prompt: 1, completion: 1 },
  durationMs: 1,
  notStored: undefined,
  error: undefined,
  ...members,
});

describe("the counters", () => {
  const textOf = async (metrics: ReturnType<typeof createMetrics>) => seriesIn(await metricsText([metrics.samples()]));

  test("tell tenants apart", async () => {
    const metrics = createMetrics(undefined);
    metrics.call(call({}), "search");
    metrics.call(call({}), "search");
    metrics.call(call({ source: "provider", notStored: "truncated" }), "chat");
    metrics.began();
    metrics.ended(200, "search");
    metrics.refused("forbidden", "chat");
    expect(await textOf(metrics)).toMatchObject({
      'remem_calls_total{surface="chat",model="m",tenant="search",source="hit"}': 2,
      'remem_calls_total{surface="chat",model="m",tenant="chat",source="miss"}': 1,
      'remem_not_stored_total{reason="truncated",tenant="chat"}': 1,
      'remem_requests_total{status="2xx",tenant="search"}': 1,
      'remem_refusals_total{reason="forbidden",tenant="chat"}': 1,
      remem_requests_in_flight: 0,
    });
  });

  test("keep 100 names of models, none of them long or a key, and count the others as one", async () => {
    const metrics = createMetrics(undefined);
    metrics.call(call({ model: "x".repeat(1e6) }), undefined);
    metrics.call(call({ model: `sk-${"secret".repeat(8)}` }), undefined);
    for (let index = 0; index < 500; index++) metrics.call(call({ model: `model ${index}` }), undefined);
    metrics.call(call({ model: "model 3" }), undefined);
    const series = await textOf(metrics);
    const hits = Object.entries(series).filter(([name]) => /^remem_calls_total.*source="hit"/.test(name));
    expect(hits).toHaveLength(101);
    expect(series['remem_calls_total{surface="chat",model="other",source="hit"}']).toBe(402);
    expect(series['remem_calls_total{surface="chat",model="model 3",source="hit"}']).toBe(2);
    expect(Math.max(...Object.keys(series).map(({ length }) => length))).toBeLessThan(250);
    expect(JSON.stringify(series)).not.toContain("secret");
  });

  test("put durations into the bucket that holds them", async () => {
    const metrics = createMetrics(undefined);
    for (const durationMs of [0.1, 0.5, 0.6, 700_000]) metrics.call(call({ durationMs }), undefined);
    const series = await textOf(metrics);
    const bucket = (le: string) => series[`remem_call_duration_seconds_bucket{surface="chat",source="hit",le="${le}"}`];
    expect([bucket("0.0005"), bucket("0.001"), bucket("600"), bucket("+Inf")]).toEqual([2, 3, 3, 4]);
    expect(series['remem_call_duration_seconds_sum{surface="chat",source="hit"}']).toBeCloseTo(700.0012);
  });

  test("are summed over processes", async () => {
    const processes = [1, 2, 3].map((count) => {
      const metrics = createMetrics(undefined);
      for (let turn = 0; turn < count; turn++) metrics.call(call({ model: `m${count}` }), undefined);
      metrics.call(call({}), undefined);
      metrics.began();
      return metrics.samples();
    });
    expect(seriesIn(await metricsText(processes))).toMatchObject({
      'remem_calls_total{surface="chat",model="m",source="hit"}': 3,
      'remem_calls_total{surface="chat",model="m3",source="hit"}': 3,
      'remem_call_duration_seconds_count{surface="chat",source="hit"}': 9,
      remem_requests_in_flight: 3,
    });
  });
});

test("no key, no prompt and no answer is on the page", async () => {
  const { origin } = await answering();
  const { url } = await startGateway({ upstreams: vendorsAt(origin) });
  await post(`${url}/v1/chat/completions?key=sk-secret`);
  await post(`${url}/gone/sk-secret`);
  const page = await (await fetch(`${url}/metrics`)).text();
  for (const secret of ["sk-secret", "Kraków", "Vistula"]) expect(page).not.toContain(secret);
});

test("the guide names all metrics, and no other", async () => {
  const guide = readFileSync(new URL("../../../docs/gateway-for-a-team.md", import.meta.url), "utf8");
  const table = Array.from(guide.matchAll(/^\| `(remem_\w+)`/gm), ([, name]) => name);
  const own = createMetrics(undefined)
    .samples()
    .map(({ name }) => name);
  expect(new Set(table)).toEqual(new Set(own));
  const used = Array.from(guide.matchAll(/\bremem_[a-z_]+/g), ([name]) => name.replace(/_bucket$/, ""));
  for (const name of used) expect(own).toContain(name);
});

import { writeFileSync } from "node:fs";
import { hashOf, newToken } from "@remem/gateway";
import { expect, test } from "vitest";
import { workspace } from "../support/remem.ts";
import { freePort, NONE, serving } from "../support/serving.ts";

const ALICE = newToken();
const BOB = newToken();

/** A directory whose configuration has two tenants, one of which may look at entries. */
async function tenants() {
  const place = await workspace();
  const upstreams = { openai: { baseURL: place.server.baseURL, apiKey: "OPENAI_API_KEY" } };
  const of = (token: string, rights: readonly string[]) => ({ tokens: [hashOf(token)], rights });
  const gateway = { upstreams, tenants: { alice: of(ALICE, ["view"]), bob: of(BOB, ["view"]) } };
  place.write("remem.config.json", [{ gateway }]);
  return place;
}

test("remem serve has a page for tenants, which each of several workers answers", async () => {
  const place = await tenants();
  writeFileSync(`${place.directory}/secret.json`, '{"secret":"of the machine"}');
  const { child, url } = await serving(place, ["--workers", "2", "--store", "sqlite:answers.sqlite"]);
  const send = (token: string, path: string, body?: string): Promise<Response> =>
    fetch(url + path, {
      ...(body !== undefined && { method: "POST", body }),
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", connection: "close" },
    });
  const explain = async (token: string, text: string): Promise<unknown> =>
    (await send(token, "/_remem/api/explain", text)).json();
  const asked = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Which lake?" }] };
  expect((await send(ALICE, "/v1/chat/completions", JSON.stringify(asked))).status).toBe(200);
  for (let turn = 0; turn < 6; turn++) {
    expect(await (await send(ALICE, "/_remem/api/entries")).text()).toContain("Which lake?");
    expect(await (await send(BOB, "/_remem/api/entries")).text()).toBe("[]\n");
    expect((await send("remem-wrong", "/_remem/api/entries")).status).toBe(401);
  }
  const curl = `curl ${url}/v1/chat/completions -d '${JSON.stringify(asked)}'`;
  for (const text of [curl, JSON.stringify(asked)]) {
    expect(await explain(ALICE, text)).toMatchObject({ isStored: true });
    expect(await explain(BOB, text)).toMatchObject({ isStored: false, compared: 0 });
  }
  expect(await explain(ALICE, `curl ${url}/v1/chat/completions -d @secret.json`)).toEqual({
    error: expect.stringContaining("reads a file of your machine"),
  });
  expect(await explain(ALICE, `curl ${url}/v1/chat/completions -d @${place.directory}/missing`)).toEqual({
    error: expect.stringContaining("reads a file of your machine"),
  });
  child.kill("SIGTERM");
  expect((await child.ended).status).toBe(0);
});

test("remem serve says which package tenants need who may look at entries", async () => {
  const place = await tenants();
  const NODE_OPTIONS = `--import=${new URL("../support/without-view.mjs", import.meta.url)}`;
  for (const flags of [[], ["--workers", "2"]]) {
    const args = ["serve", "--port", `${await freePort()}`, "--store", "sqlite:answers.sqlite", ...flags];
    const { status, err } = await place.start(args, { ...NONE, NODE_OPTIONS }).ended;
    expect([status, err]).toEqual([2, expect.stringContaining("npm install @remem/view")]);
  }
});

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { memoryStore } from "@remem/core";
import { describe, expect, onTestFinished, test } from "vitest";
import { createView, type ViewOptions } from "../src/server/index.ts";
import { putSample, surfaces } from "./cache.ts";
import { openStore, TOKEN } from "./page.ts";

const page = fileURLToPath(new URL("../dist/page/", import.meta.url));

function ask(options: Partial<ViewOptions> = {}) {
  const view = createView({ store: memoryStore(), token: TOKEN, surfaces, ...options });
  return (path: string, init: RequestInit = {}, origin = "http://127.0.0.1:8788"): Promise<Response> => {
    const headers = { authorization: `Bearer ${TOKEN}`, ...(init.headers as Record<string, string>) };
    return view.fetch(new Request(`${origin}${path}`, { ...init, headers }));
  };
}

const post = (body: unknown): RequestInit => ({ method: "POST", body: JSON.stringify(body) });

describe("the server of the page", () => {
  test("answers with nothing that the page may load from elsewhere, and lets no other site have it", async () => {
    const send = ask();
    for (const path of ["/", "/api/about", "/api/nothing", "/nothing"]) {
      const { headers } = await send(path);
      expect(headers.get("content-security-policy")).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });

  test("tells nothing of the cache without the token", async () => {
    const store = openStore();
    const { first } = await putSample(store);
    const send = ask({ store, mayDelete: true });
    const paths = [
      "about",
      "entries",
      `entries/${first}`,
      `entries/${first}/raw`,
      `entries/${first}/neighbours`,
      "stats",
      "journal",
    ];
    for (const authorization of ["", "Bearer ", `Bearer ${TOKEN}x`, TOKEN, `Basic ${TOKEN}`]) {
      for (const path of paths) expect((await send(`/api/${path}`, { headers: { authorization } })).status).toBe(401);
      const refused = await send("/api/delete", { ...post({ keys: [first] }), headers: { authorization } });
      expect(refused.status).toBe(401);
    }
    expect(await store.get(first)).toBeDefined();
    expect((await send("/", { headers: { authorization: "" } })).status).toBe(200);
    expect(await (await send("/api/about")).json()).toEqual({ place: "sqlite", mayDelete: true, mayExplain: false });
  });

  test("answers to names of this machine alone", async () => {
    const send = ask();
    for (const host of ["localhost", "127.0.0.1:80", "[::1]:8788"])
      expect((await send("/", {}, `http://${host}`)).status).toBe(200);
    for (const host of ["evil.example", "localhost.evil.example", "10.0.0.7", "127.0.0.1.nip.io"]) {
      expect((await send("/", {}, `http://${host}`)).status).toBe(403);
      expect((await send("/api/about", {}, `http://${host}`)).status).toBe(403);
    }
  });

  test("gives the files of the page and no others", async () => {
    const send = ask();
    for (const path of [
      "/../package.json",
      "/..%2f..%2fpackage.json",
      "/assets/",
      "/%2e%2e/server/index.js",
      "/assets/../../server/index.js",
    ]) {
      expect((await send(path)).status).toBe(404);
    }
    const html = await (await send("/")).text();
    const [, script] = /src="\.\/(assets\/[^"]+\.js)"/.exec(html)!;
    const file = await send(`/${script}`);
    expect(file.headers.get("content-type")).toContain("text/javascript");
    expect(file.headers.get("cache-control")).toContain("immutable");
    expect(html).not.toMatch(/<script>|style=|https?:/);
    for (const [encodings, encoding] of [
      ["gzip, deflate, br", "gzip"],
      ["br, gzip;q=0.5", "gzip"],
      ["identity", null],
      ["gzip;q=0, br", null],
      ["", null],
    ] as const) {
      const { headers } = await send(`/${script}`, { headers: { "accept-encoding": encodings } });
      expect([headers.get("content-encoding"), headers.get("vary")]).toEqual([encoding, "accept-encoding"]);
    }
  });

  test("deletes only where that was allowed", async () => {
    const store = openStore();
    const { first, second } = await putSample(store);
    expect((await ask({ store })("/api/delete", post({ keys: [first] }))).status).toBe(404);
    expect(await store.get(first)).toBeDefined();
    const send = ask({ store, mayDelete: true });
    expect((await send("/api/delete", post({ key: first }))).status).toBe(400);
    expect(await (await send("/api/delete", post({ keys: [first, second, "none"] }))).json()).toEqual({ deleted: 2 });
    expect(await store.get(first)).toBeUndefined();
  });

  test("tells what went wrong while entries are listed in their last line", async () => {
    const { entries: _, heads: __, ...store } = memoryStore();
    const lines = (await (await ask({ store })("/api/entries")).text()).trim().split("\n");
    expect(JSON.parse(lines.at(-1)!)).toEqual({ error: expect.stringContaining("cannot list its entries") });
  });

  test("stops reading the store when the page has left", async () => {
    let isOver = false;
    const store = memoryStore();
    const { heads: _, ...others } = {
      ...store,
      async *entries() {
        try {
          for (;;) yield ["k", "v"] as const;
        } finally {
          isOver = true;
        }
      },
    };
    const endless = {
      ...others,
      async *heads() {
        for await (const [key, value] of others.entries()) yield { key, head: value, bytes: 1 };
      },
    };
    await endless.set("k", "v");
    const response = await ask({ store: endless })("/api/entries");
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    expect(isOver).toBe(true);
  });

  test("listens on loopback addresses alone, with the token in the fragment", async () => {
    const view = createView({ store: memoryStore(), token: TOKEN });
    onTestFinished(() => view.close());
    await expect(view.listen({ host: "0.0.0.0" })).rejects.toMatchObject({ code: "INVALID_OPTION" });
    const url = new URL(await view.listen({ port: 0 }));
    expect([url.hostname, url.hash]).toEqual(["127.0.0.1", `#token=${TOKEN}`]);
    expect((await fetch(url)).status).toBe(200);
    await view.close();
    await expect(fetch(url)).rejects.toThrow();
  });

  test("refuses options that it cannot use", () => {
    const store = memoryStore();
    expect(() => createView({ store, token: "short" })).toThrow(/`token` must be/);
    expect(() => createView({ store: {} as typeof store, token: TOKEN })).toThrow(/`store` must be/);
    expect(() => createView({ store, token: TOKEN, other: 1 } as ViewOptions)).toThrow(/no option `other`/);
  });
});

test("The scripts of the page take less than 100 kB compressed, and what is loaded first about a third of it", () => {
  const files = readdirSync(`${page}assets`).filter((name) => name.endsWith(".js"));
  const bytes = Object.fromEntries(files.map((name) => [name, readFileSync(`${page}assets/${name}`)]));
  const gzip = (name: string): number => gzipSync(bytes[name]!, { level: 9 }).length;
  const total = files.reduce((sum, name) => sum + gzip(name), 0);
  const brotli = files.reduce((sum, name) => sum + brotliCompressSync(bytes[name]!).length, 0);
  const first = gzip(files.find((name) => name.startsWith("index-"))!);
  console.info(`scripts: ${total} bytes by gzip, ${brotli} by Brotli, ${first} of them at first`);
  expect(total).toBeLessThan(100_000);
  expect(first).toBeLessThan(35_000);
});

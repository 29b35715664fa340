import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { canStartRedis, type RedisServer, startRedis } from "@remem/test-support/redis/redis-server";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openStore } from "./redis.ts";

const openssl = "openssl";
const hasOpenssl = spawnSync(openssl, ["version"]).status === 0;
const directory = mkdtempSync(join(tmpdir(), "remem-tls-"));
afterAll(() => rmSync(directory, { recursive: true }));
const [key, certificate] = ["key.pem", "certificate.pem"].map((name) => join(directory, name)) as [string, string];

describe.skipIf(!canStartRedis || !hasOpenssl)("rediss: (skipped without openssl or a Redis with TLS)", () => {
  let redis: RedisServer | undefined;
  beforeAll(async () => {
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
    const files = ["-keyout", key, "-out", certificate];
    execFileSync(openssl, ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject, ...files], {
      stdio: "ignore",
    });
    const tls = ["--tls-cert-file", certificate, "--tls-key-file", key, "--tls-auth-clients", "no"];
    redis = await startRedis((port) => ["--port", "0", "--tls-port", `${port}`, ...tls]).catch((error) => {
      if (!error.message.includes("Bad directive")) throw error;
      return undefined;
    });
  });
  afterAll(() => redis?.stop());

  test("an untrusted certificate is refused", async ({ skip }) => {
    if (redis === undefined) return skip("this Redis is built without TLS");
    const store = openStore({ url: redis.url.replace("redis:", "rediss:") });
    await expect(store.get("k")).rejects.toThrow(/ at rediss:.*: connection failed: self-signed certificate/);
  });

  function trustIt(): void {
    const trusted = getCACertificates("default");
    onTestFinished(() => setDefaultCACertificates(trusted));
    setDefaultCACertificates([...trusted, readFileSync(certificate, "utf8")]);
  }

  test("stores with and without TLS work in one process, in any order", async ({ skip }) => {
    if (redis === undefined) return skip("this Redis is built without TLS");
    trustIt();
    const plain = await startRedis();
    onTestFinished(() => plain.stop());
    const urls = [plain.url, redis.url.replace("redis:", "rediss:"), plain.url];
    const stores = urls.map((url) => openStore({ url }));
    for (const [index, store] of stores.entries()) await store.set("k", urls[index]!);
    for (const [index, store] of stores.entries()) expect(await store.get("k")).toBe(urls[index]);
  });

  test("a certificate that this process trusts is accepted", async ({ skip }) => {
    if (redis === undefined) return skip("this Redis is built without TLS");
    trustIt();
    const store = openStore({ url: redis.url.replace("redis:", "rediss:") });
    await store.set("k", "v");
    expect(await store.get("k")).toBe("v");
  });
});

import { gzipSync } from "node:zlib";
import { validator } from "@remem/test-support/openapi";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type CompletionsServer, completionsServer, type Fault } from "../../src/index.ts";
import { post, question } from "./post.ts";

const responseErrors = validator("CreateChatCompletionResponse");
const errorErrors = validator("ErrorResponse");

let server: CompletionsServer;
beforeEach(async () => {
  server = await completionsServer();
});
afterEach(() => server.close());

function ask(fault: Fault, init: RequestInit = {}): Promise<Response> {
  server.script([fault]);
  return post(server, question("Why?"), init);
}

describe("the script", () => {
  test("gives each request the next fault, and ordinary answers once it is exhausted", async () => {
    server.script([{ status: 500 }, {}]);
    server.script([{ status: 503 }]);
    const statuses = [];
    for (let call = 0; call < 5; call++) statuses.push((await post(server, question("Why?"))).status);
    expect(statuses).toEqual([500, 200, 503, 200, 200]);
    expect(server.calls).toBe(5);
  });

  test("is not consumed by other paths", async () => {
    server.script([{ status: 500 }]);
    expect((await fetch(`${server.baseURL}/models`)).status).toBe(404);
    expect((await post(server, question("Why?"))).status).toBe(500);
  });

  test("is refused as a whole when one fault is invalid", async () => {
    const wrong: ReadonlyArray<readonly [object | null, RegExp]> = [
      [{ statsu: 500 }, /`statsu`. It takes status, headers/],
      [{ status: 99 }, /fault: `status`/],
      [{ headers: { "bad name": "1" } }, /bad name/],
      [{ headers: { "x-header": "line\nbreak" } }, /x-header/],
      [{ stall: "head" }, /"headers" or "body"/],
      [{ stall: "body", reset: "body" }, /omitted together with `stall`/],
      [null, /an object/],
    ];
    for (const [fault, message] of wrong)
      expect(() => server.script([{ status: 500 }, fault as Fault])).toThrow(message);
    expect((await post(server, question("Why?"))).status).toBe(200);
  });
});

describe("a fault that answers:", () => {
  test("{} is the ordinary answer", async () => {
    const ordinary = await (await post(server, question("Why?"))).json();
    expect(await (await ask({})).json()).toEqual(ordinary);
  });

  test("a status from 400 comes with the API's error", async () => {
    for (const status of [400, 401, 403, 404, 409, 422, 429, 500, 503, 599]) {
      const response = await ask({ status });
      expect(response.status).toBe(status);
      expect(errorErrors(await response.json())).toEqual([]);
    }
  });

  test("a 429 with a Retry-After", async () => {
    const response = await ask({ status: 429, headers: { "Retry-After": "2" } });
    expect(response.headers.get("retry-after")).toBe("2");
    expect(await response.json()).toMatchObject({ error: { code: "rate_limit_exceeded" } });
  });

  test("changed headers leave the answer unchanged", async () => {
    const response = await ask({ headers: { "X-Request-Id": "mine", "content-length": null } });
    expect(response.headers.get("x-request-id")).toBe("mine");
    expect(response.headers.get("content-length")).toBeNull();
    expect(responseErrors(await response.json())).toEqual([]);
  });

  test("HTML", async () => {
    const response = await ask({ headers: { "content-type": "text/html" }, body: "<html>Sign in</html>" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html");
    expect(await response.text()).toBe("<html>Sign in</html>");
  });

  test("an ordinary answer under another content type", async () => {
    const response = await ask({ headers: { "content-type": "text/plain" } });
    expect(response.headers.get("content-type")).toBe("text/plain");
    expect(responseErrors(await response.json())).toEqual([]);
  });

  test("half JSON: the body is sent unchanged", async () => {
    const response = await ask({ body: '{"id":"chatcmpl-1","choi' });
    expect(response.headers.get("content-type")).toBe("application/json");
    await expect(response.json()).rejects.toThrow(SyntaxError);
  });

  test("a 200 with an error, one without choices, and null", async () => {
    for (const body of [{ error: { message: "overloaded" } }, { choices: [] }, null]) {
      const response = await ask({ body });
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual(body);
    }
  });

  test("bytes", async () => {
    const response = await ask({ headers: { "content-encoding": "gzip" }, body: gzipSync("[1]") });
    expect(await response.json()).toEqual([1]);
  });

  test("a redirect, which has no body", async () => {
    const location = `${server.baseURL}/chat/completions`;
    const response = await ask({ status: 307, headers: { location } }, { redirect: "manual" });
    expect([response.status, response.headers.get("location"), await response.text()]).toEqual([307, location, ""]);

    const followed = await ask({ status: 307, headers: { location } });
    expect(followed.redirected).toBe(true);
    expect(responseErrors(await followed.json())).toEqual([]);
    expect(server.calls).toBe(3);
  });

  test("a request that would be refused gets the fault", async () => {
    const response = await ask({ status: 200, body: "pong" }, { body: "{}" });
    expect([response.status, await response.text()]).toEqual([200, "pong"]);
  });
});

describe("a fault that cuts the answer off:", () => {
  test("a stall before the headers lasts until the server closes", async () => {
    const answer = ask({ stall: "headers" });
    const failure = expect(answer).rejects.toThrow("fetch failed");
    await vi.waitFor(() => expect(server.calls).toBe(1));
    await server.close();
    await failure;
  });

  test("a stall before the headers lasts until the client disconnects, and the server answers the next request", async () => {
    const client = new AbortController();
    const answer = ask({ stall: "headers" }, { signal: client.signal });
    const failure = expect(answer).rejects.toThrow("aborted");
    await vi.waitFor(() => expect(server.calls).toBe(1));
    client.abort();
    await failure;
    expect((await post(server, question("Why?"))).status).toBe(200);
  });

  test("a stall in the body sends status, headers and half of the body, then nothing until the server closes", async () => {
    const response = await ask({ status: 201, headers: { "x-mine": "1" }, body: "0123456789", stall: "body" });
    expect([response.status, response.headers.get("x-mine")]).toEqual([201, "1"]);
    const reader = response.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value as Uint8Array)).toBe("01234");
    const rest = expect(reader?.read()).rejects.toThrow("terminated");
    await server.close();
    await rest;
  });

  test("a reset before the headers is a failed request", async () => {
    await expect(ask({ reset: "headers" })).rejects.toThrow("fetch failed");
    expect(server.calls).toBe(1);
  });

  test("a reset in the body comes after half of it", async () => {
    const response = await ask({ body: "0123456789", reset: "body" });
    expect(response.headers.get("content-length")).toBe("10");
    const reader = response.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value as Uint8Array)).toBe("01234");
    await expect(reader?.read()).rejects.toThrow("terminated");
  });

  test("half of one byte is none, but the headers arrive", async () => {
    for (const cut of [{ stall: "body" }, { reset: "body" }] as const) {
      expect((await ask({ body: "1", ...cut })).headers.get("content-length")).toBe("1");
    }
  });

  test("an empty body that is cut off does not look complete", async () => {
    const reset = await ask({ body: "", reset: "body" });
    await expect(reset.text()).rejects.toThrow("terminated");
    const stalled = (await ask({ body: "", stall: "body" })).text();
    const failure = expect(stalled).rejects.toThrow("terminated");
    await server.close();
    await failure;
  });

  test("a reset in a body of unknown length does not look like its end", async () => {
    const response = await ask({ headers: { "content-length": null }, reset: "body" });
    await expect(response.text()).rejects.toThrow("terminated");
  });
});

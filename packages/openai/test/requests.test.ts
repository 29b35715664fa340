import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type CallParams, type Client, createClient, type LLMProvider, memoryStore, parseJson } from "@remem/core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { providerBy, SDKS } from "./sdks.ts";

const message = { role: "assistant", content: "A lake." };
const choice = { index: 0, finish_reason: "stop" };
const envelope = { id: "1", created: 1, model: "m" };

/** The bodies that arrived, as they were sent: a parser would round them. */
const bodies: string[] = [];
const server = createServer(async (request, response) => {
  const body = await text(request);
  bodies.push(body);
  const isStream = (JSON.parse(body) as { stream?: boolean }).stream === true;
  const answer = { ...envelope, choices: [{ ...choice, ...(isStream ? { delta: message } : { message }) }] };
  response.setHeader("content-type", isStream ? "text/event-stream" : "application/json");
  response.end(isStream ? `data: ${JSON.stringify(answer)}\n\ndata: [DONE]\n\n` : JSON.stringify(answer));
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
beforeEach(() => {
  bodies.length = 0;
});

describe.each(SDKS.flatMap(([name, sdk]) => [false, true].map((stream) => ({ name, sdk, stream }))))(
  "$name, stream: $stream:",
  ({ sdk, stream }) => {
    function open(): Client {
      const { port } = server.address() as AddressInfo;
      const { generate, ...rest } = providerBy(sdk, `http://127.0.0.1:${port}/v1`);
      const provider: LLMProvider = {
        ...rest,
        generate: (request, context) => generate({ ...request, stream }, context),
      };
      return createClient({ provider, store: memoryStore(), params: { model: "m" } });
    }

    test("a number of more digits than JavaScript holds is sent digit by digit, and has its own answer", async () => {
      const client = open();
      for (const seed of ["9007199254740993", "9007199254740995", "9007199254740993"]) {
        await client.infer("Hi", parseJson(`{"seed":${seed}}`) as CallParams);
      }
      expect(bodies.map((body) => /"seed":(\d+)/.exec(body)?.[1])).toEqual(["9007199254740993", "9007199254740995"]);
    });

    test("-0 is sent as 0, and shares its answer", async () => {
      const client = open();
      await client.infer("Hi", { temperature: -0 });
      expect((await client.infer("Hi", { temperature: 0 })).source).toBe("store");
      expect(bodies[0]).toContain('"temperature":0');
    });

    test("the members of `extra_body` are sent beside the parameters", async () => {
      await open().infer("Hi", { extra_body: { chat_template_kwargs: { enable_thinking: true } } });
      expect(JSON.parse(bodies[0]!)).toMatchObject({ chat_template_kwargs: { enable_thinking: true } });
      expect(bodies[0]).not.toContain("extra_body");
    });

    test("the answer to a request of 12 MiB is paid for once", async () => {
      const client = open();
      const image = { type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(12 * 1024 * 1024)}` } };
      const messages = [{ role: "user" as const, content: [image] }];
      await client.infer(messages);
      expect((await client.infer(messages)).source).toBe("store");
      expect(client.stats().notStored).toEqual({});
    });
  },
);

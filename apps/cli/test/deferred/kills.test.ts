import { once } from "node:events";
import type { BatchRoute, Fault } from "@remem/testing";
import { expect, test, vi } from "vitest";
import { question, workspace } from "../support/remem.ts";

const POINTS: ReadonlyArray<readonly [BatchRoute, Fault]> = [
  ["upload", { stall: "headers" }],
  ["create", { stall: "headers" }],
  ["poll", { stall: "headers" }],
  ["download", { stall: "headers" }],
  ["download", { stall: "body" }],
  ["download", { stall: "body" }],
];

test("a command that is killed in the middle of any request loses nothing, and pays for nothing twice", {
  timeout: 120_000,
}, async () => {
  const { write, read, remem, start, server } = await workspace();
  const lines = 1_500;
  write(
    "in.jsonl",
    Array.from({ length: lines }, (_, index) => question(`q${index}`, { id: index })),
  );
  // The rest of a batch that expires is uploaded while it is collected.
  server.batches.plan([{ running: 1, expiresAfter: 500 }]);
  const args = ["batch", "in.jsonl", "-o", "out.jsonl", "--deferred", "--wait", "0.05"];
  for (const [route, fault] of POINTS) {
    const before = server.batches.received[route];
    server.batches.script(route, [fault]);
    const child = start(args);
    await vi.waitFor(() => expect(server.batches.received[route]).toBe(before + 1), { timeout: 30_000, interval: 5 });
    child.kill("SIGKILL");
    await once(child, "close");
  }
  const last = await remem(args);
  expect(last.status).toBe(0);
  const answers = read("out.jsonl");
  expect(answers.map(({ id }) => id)).toEqual(Array.from({ length: lines }, (_, index) => index));
  for (const [index, { response }] of answers.entries()) expect(response).toContain(`“q${index}”`);
  expect(new Set(server.batches.paid).size).toBe(lines);
  expect(server.batches.paid).toHaveLength(lines);
  await remem(["batch", "in.jsonl", "-o", "again.jsonl"]);
  expect(server.calls).toBe(0);
});

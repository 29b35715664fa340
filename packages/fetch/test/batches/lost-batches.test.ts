import { describe, expect, test, vi } from "vitest";
import { all, asked, paidFor, said, setup } from "./setup.ts";

const FAST = { pollMs: 1 };

/** How long a server may not list a batch that it has created. */
const UNSEEN_MS = 20_000;

function later(): void {
  const now = Date.now() + UNSEEN_MS + 1_000;
  const clock = vi.spyOn(Date, "now").mockReturnValue(now);
  return void clock;
}

describe("a creation that breaks off", () => {
  test("is found by the first of its results, once it has ended", async () => {
    const { server, open } = await setup([{ breaks: true, running: 3 }]);
    const job = await open().deferred(asked(5));
    expect(server.batches.ids).toHaveLength(1);
    const status = await job.status();
    expect(status.batches).toMatchObject([
      {
        id: undefined,
        status: "waiting",
        problem: expect.stringContaining("It may be msgbatch_000001, which is known"),
      },
    ]);
    const results = await all(job.results(FAST));
    expect(results.map(said)).toEqual(asked(5).map((_, index) => expect.stringContaining(`“q${index}”`)));
    expect(server.batches.ids).toHaveLength(1);
    expect(paidFor(server)).toEqual(["q0", "q1", "q2", "q3", "q4"]);
  });

  test("is created again where no batch can be it, and not before it would be listed", async () => {
    const { server, open } = await setup();
    // Refused by something in between: it never came to the server.
    server.batches.script("create", [{ status: 502 }]);
    const job = await open().deferred(asked(5));
    expect((await job.status()).batches).toMatchObject([{ id: undefined, status: "waiting" }]);
    expect(server.batches.ids).toHaveLength(0);
    later();
    try {
      await job.status();
      expect(server.batches.ids).toHaveLength(1);
      await all(job.results(FAST));
    } finally {
      vi.restoreAllMocks();
    }
    expect(server.batches.paid).toHaveLength(5);
  });

  test("is told apart from a batch of as many requests that somebody else has created", async () => {
    const { server, open } = await setup([{}, { breaks: true }, {}]);
    const others = open({ store: (await setup()).store });
    await others.deferred(asked(3, "before"));
    const job = await open().deferred(asked(3));
    const after = await others.deferred(asked(3, "after"));
    const results = await all(job.results(FAST));
    expect(results.map(said)).toEqual(asked(3).map((_, index) => expect.stringContaining(`“q${index}”`)));
    await all(after.results(FAST));
    expect(server.batches.ids).toHaveLength(3);
  });

  test("waits for no batch that the store knows to be another", async () => {
    const { server, open } = await setup([{ hangsAfter: 0 }]);
    const first = await open().deferred(asked(3, "first"));
    server.batches.script("create", [{ status: 502 }]);
    const job = await open().deferred(asked(3));
    later();
    try {
      await job.status();
      expect(server.batches.ids).toHaveLength(2);
    } finally {
      vi.restoreAllMocks();
    }
    expect((await first.status()).waiting).toBe(3);
  });

  test("waits for one that may be it as long as that runs, so that nothing is paid for twice", async () => {
    const { server, open } = await setup([{ breaks: true, running: 4 }]);
    const job = await open().deferred(asked(3));
    later();
    try {
      for (let count = 0; count < 3; count += 1) await job.status();
      expect(server.batches.ids).toHaveLength(1);
      await all(job.results(FAST));
    } finally {
      vi.restoreAllMocks();
    }
    expect(server.batches.ids).toHaveLength(1);
    expect(server.batches.paid).toHaveLength(3);
  });
});

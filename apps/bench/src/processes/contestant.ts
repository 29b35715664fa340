// One contestant. It executes commands one after the other.

import { setTimeout } from "node:timers/promises";
import type { ChatRequest } from "@remem/core";
import type { Contestant, Open, Setting } from "../contestant.ts";
import type { Opening } from "../contestants.ts";
import { createWorkload, indexOf, type Workload } from "../workload.ts";

/** The commands of the process. */
export interface Commands {
  /** Opens the contestant. */
  open(opening: Opening & Omit<Setting, "generate">): void;
  /** Closes the contestant and opens it again on another directory. */
  reopen(setting: Pick<Setting, "directory">): void;
  /** Asks the questions one by one, without measuring. */
  fill(questions: Questions): void;
  /** Asks the questions sequentially, or all at once. */
  run(questions: Questions & { readonly atOnce?: boolean }): Slice;
  /** Asks the questions sequentially, over and over, between two Unix times. */
  repeat(questions: Questions & { readonly from: number; readonly to: number }): Slice;
  /** Asks the questions as concurrent calls. The time of each counts from the common start. */
  askTogether(questions: Questions): Slice;
  /** The size of the heap after a garbage collection, plus external memory. */
  heapBytes(): number;
  close(): void;
}

export interface Questions {
  readonly first: number;
  readonly count: number;
  /** The place of the n-th question is `first + (n * step) % among`. 1 by default. */
  readonly step?: number;
  /** The number of different places. `count` by default. */
  readonly among?: number;
}

/** One measured piece of work. */
export interface Slice {
  readonly wallUs: number;
  readonly cpuUs: number;
  /** One per question that was asked by itself. */
  readonly eachUs: readonly number[];
  /** The number of calls of the model. */
  readonly generated: number;
}

let work: Workload;
let openIn: (directory: string) => Promise<Contestant>;
let contestant: Contestant;
let generated = 0;

const commands: {
  [Name in keyof Commands]: (...args: Parameters<Commands[Name]>) => Promise<ReturnType<Commands[Name]>>;
} = {
  async open({ tier, id, size, modelMs = 0, ...setting }) {
    work = createWorkload(size);
    const { open } = (await import(`../contestants/${tier}/${id}.ts`)) as { readonly open: Open };
    openIn = (directory) =>
      open({
        ...setting,
        directory,
        async generate(request) {
          generated += 1;
          if (modelMs > 0) await setTimeout(modelMs);
          return work.completion(indexOf(request));
        },
      });
    contestant = await openIn(setting.directory);
  },
  async reopen({ directory }) {
    await contestant.close();
    contestant = await openIn(directory);
  },
  async fill(questions) {
    for (const index of placesOf(questions)) await contestant.ask(JSON.parse(work.requestText(index)));
  },
  async run({ atOnce = false, ...questions }) {
    const places = placesOf(questions);
    const requests = places.map((index) => JSON.parse(work.requestText(index)));
    let answers: readonly string[] = [];
    const slice = await measured(async (eachUs) => {
      answers = await (atOnce ? contestant.askAll!(requests) : askInTurn(requests, eachUs));
    });
    for (const [at, index] of places.entries()) {
      if (answers[at] !== work.answer(index)) throw new Error(`A wrong answer to question ${index}.`);
    }
    return slice;
  },
  async repeat({ from, to, ...questions }) {
    const asked = placesOf(questions).map((index) => ({ text: work.requestText(index), answer: work.answer(index) }));
    await setTimeout(Math.max(0, from - Date.now()));
    return measured(async (eachUs) => {
      let n = 0;
      do {
        const { text, answer } = asked[n % asked.length]!;
        const request = JSON.parse(text);
        await ask(request, answer, eachUs, performance.now());
        n += 1;
      } while (Date.now() < to);
    });
  },
  async askTogether(questions) {
    const asked = placesOf(questions).map((index) => ({
      request: JSON.parse(work.requestText(index)),
      answer: work.answer(index),
    }));
    return measured(async (eachUs) => {
      const start = performance.now();
      await Promise.all(asked.map(({ request, answer }) => ask(request, answer, eachUs, start)));
    });
  },
  async heapBytes() {
    for (let times = 0; times < 3; times++) globalThis.gc!();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
  async close() {
    await contestant.close();
  },
};

/** Measures the work, which adds to `eachUs`. */
async function measured(work: (eachUs: number[]) => Promise<void>): Promise<Slice> {
  const eachUs: number[] = [];
  const before = generated;
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work(eachUs);
  const wallUs = (performance.now() - start) * 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { wallUs, cpuUs: user + system, eachUs, generated: generated - before };
}

async function askInTurn(requests: readonly ChatRequest[], eachUs: number[]): Promise<string[]> {
  const answers: string[] = [];
  let last = performance.now();
  for (const request of requests) {
    answers.push(await contestant.ask(request));
    const now = performance.now();
    eachUs.push((now - last) * 1_000);
    last = now;
  }
  return answers;
}

async function ask(request: ChatRequest, answer: string, eachUs: number[], since: number): Promise<void> {
  const given = await contestant.ask(request);
  eachUs.push((performance.now() - since) * 1_000);
  if (given !== answer) throw new Error("A wrong answer.");
}

function placesOf({ first, count, step = 1, among = count }: Questions): number[] {
  return Array.from({ length: count }, (_, n) => first + ((n * step) % among));
}

process.on("message", async ({ command, args }: { readonly command: keyof Commands; readonly args: [never] }) => {
  try {
    process.send!({ result: await commands[command](...args) });
  } catch (error) {
    process.send!({ error: error instanceof Error ? error.stack : String(error) });
  }
});
process.on("disconnect", () => process.exit());

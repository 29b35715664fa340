import {
  type CacheStore,
  type ChatCompletion,
  type ChatCompletionChunk,
  type ChatRequest,
  chatSurface,
  type FlightEnd,
  type Flights,
  type GenerateContext,
  type LLMProvider,
  type RememEvent,
} from "../src/index.ts";

export interface ScriptedProvider extends LLMProvider {
  readonly calls: ChatRequest[];
}

/** Answers with what `answer` gives, and remembers its calls. */
export function scriptedProvider(
  answer: (request: ChatRequest, signal: AbortSignal) => ChatCompletion | Promise<ChatCompletion> = (request) =>
    completion(`Answer to ${JSON.stringify(request.messages)}`),
): ScriptedProvider {
  const calls: ChatRequest[] = [];
  return {
    specVersion: 1,
    id: "scripted",
    calls,
    async generate(request, { signal }) {
      calls.push(request);
      return answer(request, signal);
    },
  };
}

export interface StreamingProvider extends ScriptedProvider {
  /** The signals of the streams, in order. */
  readonly signals: readonly AbortSignal[];
}

/** Streams what `chunks` gives for each call in turn, and answers whole with what its chunks add up to. */
export function streamingProvider(
  chunks: (call: number, context: GenerateContext) => Iterable<object> | AsyncIterable<object>,
): StreamingProvider {
  const calls: ChatRequest[] = [];
  const signals: AbortSignal[] = [];
  async function* stream(request: ChatRequest, context: GenerateContext) {
    signals.push(context.signal);
    const call = calls.push(request) - 1;
    for await (const chunk of chunks(call, context)) yield structuredClone(chunk) as ChatCompletionChunk;
  }
  return {
    specVersion: 1,
    id: "streaming",
    calls,
    signals,
    stream,
    async generate(request, context) {
      const aggregate = chatSurface.aggregate!();
      for await (const chunk of stream(request, context)) aggregate.add(chunk);
      return aggregate.answer();
    },
  };
}

/** The chunks of an answer as a server sends them: word by word, with padding, and the usage at the end. */
export function serverChunks(answer: ChatCompletion): object[] {
  return [...chatSurface.chunksOf!(answer, { byWord: true })].map((chunk) => ({ ...chunk, obfuscation: "xYx" }));
}

export function completion(content: string | null, message: object = {}, choice: object = {}): ChatCompletion {
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    model: "gpt-4o-mini-2024-07-18",
    created: 1_763_800_000,
    choices: [
      {
        index: 0,
        finish_reason: "stop",
        logprobs: null,
        ...choice,
        message: { role: "assistant", content, ...message },
      },
    ],
    usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
  };
}

/** A way to stop time between two steps: what waits on it goes on when it is opened. */
export function createGate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** Collects events, so that a test can read a call as a story. */
export function createTrace(): {
  readonly types: string[];
  readonly events: RememEvent[];
  record(event: RememEvent): void;
} {
  const events: RememEvent[] = [];
  return {
    events,
    get types() {
      return events.map(({ type }) => type);
    },
    record: (event) => void events.push(event),
  };
}

/** A store whose operations fail while their names are in `broken`. */
export function breakableStore(store: CacheStore): CacheStore & { readonly broken: Set<string> } {
  const broken = new Set<string>();
  function check(operation: string): void {
    if (broken.has(operation)) throw new Error(`${operation} is broken`);
  }
  return {
    ...store,
    name: "breakable",
    broken,
    async get(key) {
      check("get");
      return store.get(key);
    },
    async getMany(keys) {
      check("get");
      return Promise.all(keys.map((key) => store.get(key)));
    },
    async set(key, value, options) {
      check("set");
      return store.set(key, value, options);
    },
  };
}

export function user(content: string): [{ readonly role: "user"; readonly content: string }] {
  return [{ role: "user", content }];
}

export interface ScriptedFlights extends Flights {
  /** The keys that were asked for the lead of, in order. */
  readonly entered: string[];
  /** Takes the lead away from its holder, as from a process that was stopped for too long. */
  takeAway(key: string): void;
}

/** Flights of one "machine", for any number of stores that stand for processes on it. */
export function scriptedFlights(): ScriptedFlights {
  const leaders = new Map<string, AbortController>();
  const waiting = new Map<string, PromiseWithResolvers<FlightEnd>>();
  const entered: string[] = [];

  function leave(key: string, leader: AbortController, end: FlightEnd): void {
    if (leaders.get(key) !== leader) return;
    leaders.delete(key);
    waiting.get(key)?.resolve(end);
    waiting.delete(key);
  }
  return {
    entered,
    takeAway(key) {
      const leader = leaders.get(key);
      if (leader === undefined) return;
      leave(key, leader, "unknown");
      leader.abort();
    },
    async enter(key) {
      entered.push(key);
      if (leaders.has(key)) return undefined;
      const leader = new AbortController();
      leaders.set(key, leader);
      return { lost: leader.signal, [Symbol.asyncDispose]: async () => leave(key, leader, "released") };
    },
    changed(key, { signal }) {
      const change = waiting.get(key) ?? Promise.withResolvers<FlightEnd>();
      if (leaders.has(key)) waiting.set(key, change);
      else change.resolve("unknown");
      return new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        change.promise.then(resolve);
      });
    },
  };
}

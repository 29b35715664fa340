import { InvalidRequestError, type JsonObject, type Surface } from "@remem/core";
import type { SurfaceContractCase } from "../../src/index.ts";
import type { Embeddings, EmbeddingsChunk, EmbeddingsRequest } from "./embeddings-surface.ts";

type EmbeddingsSurface = Surface<EmbeddingsRequest, Embeddings>;

/** The embeddings surface with one promise broken, and what the case reports about it. */
type Double = readonly [
  broken: string,
  change: (surface: EmbeddingsSurface) => Partial<EmbeddingsSurface>,
  says: string | RegExp,
];

const writing = (value: object, member: string): void => void Object.assign(value, { [member]: true });
/** Checks a request after changing it. */
const checking = (change: (request: JsonObject) => void): Double[1] => {
  return ({ check }) => ({
    check(request) {
      change(request);
      check(request);
    },
  });
};

/** Replaces members of the surface's aggregates. */
function aggregating(members: { isComplete(): boolean }): Double[1] {
  return ({ aggregate }) => ({ aggregate: () => ({ ...aggregate!(), ...members }) });
}

export const SURFACE_DOUBLES: Readonly<Record<SurfaceContractCase, readonly Double[]>> = {
  "declares specVersion 1 and a name": [
    ["another version", () => ({ specVersion: 2 as 1 }), "`specVersion` must be 1."],
    ["no name", () => ({ name: "" }), "`name` must be a non-empty string."],
  ],
  "check accepts the example requests": [
    [
      "check accepts only a list",
      ({ check }) => ({
        check(request) {
          check(request);
          if (typeof request.input === "string") throw new InvalidRequestError("/input", "must be a list.");
        },
      }),
      "/input must be a list.",
    ],
  ],
  "check accepts an unknown member": [
    [
      "check knows all members",
      ({ check }) => ({
        check({ model, input, encoding_format, user, ...rest }) {
          check({ model, input });
          for (const name of Object.keys(rest)) throw new InvalidRequestError(`/${name}`, "is unknown.");
        },
      }),
      "/x_remem_contract is unknown.",
    ],
  ],
  "check refuses the invalid requests with an InvalidRequestError": [
    ["check checks nothing", () => ({ check() {} }), "check accepts {}."],
    [
      "check throws a TypeError",
      ({ check }) => ({
        check(request) {
          try {
            check(request);
          } catch {
            throw new TypeError("input is undefined");
          }
        },
      }),
      "check threw TypeError: input is undefined instead of an InvalidRequestError.",
    ],
  ],
  "check changes no request": [
    ["check adds a default", checking((request) => writing(request, "dimensions")), "check changed its request."],
    [
      "check drops unknown members",
      checking((request) => void Reflect.deleteProperty(request, "x_remem_contract")),
      "check changed its request.",
    ],
  ],
  "isAnswer accepts the example answers, even after a round trip through JSON": [
    ["isAnswer requires usage", () => ({ isAnswer: has((value) => value.usage) }), "isAnswer refuses"],
    [
      "isAnswer recognizes only the object that it has seen",
      ({ isAnswer }) => {
        const seen = new Set<unknown>();
        return {
          isAnswer(value): value is Embeddings {
            if (isAnswer(value) && seen.size === 0) seen.add(value);
            return seen.has(value);
          },
        };
      },
      "isAnswer refuses",
    ],
  ],
  "isAnswer refuses malformed answers": [
    ["isAnswer accepts every object", () => ({ isAnswer: has((value) => value) }), "isAnswer accepts {}."],
    ["isAnswer throws", () => ({ isAnswer: has((value) => value.data.length > 0) }), /Cannot read|undefined/],
    [
      "isAnswer accepts an empty list",
      () => ({
        isAnswer: has((value) => Array.isArray(value?.data) && value.data.every((one) => one?.embedding)),
      }),
      'isAnswer accepts {"data":[]}.',
    ],
    [
      "isAnswer returns what is not a boolean",
      () => ({ isAnswer: ((value: Embeddings | null) => value?.data) as never }),
      "isAnswer accepts",
    ],
  ],
  "admit accepts the example answers": [
    ["admit refuses everything", () => ({ admit: () => false }), "admit refuses"],
    ["admit returns a promise", () => ({ admit: (async () => true) as never }), "admit refuses"],
  ],
  "admit refuses the incomplete answers": [
    ["admit accepts everything", () => ({ admit: () => true }), "admit accepts"],
  ],
  "tokens are finite numbers from 0, even for an answer without usage": [
    [
      "tokens requires usage",
      () => ({ tokens: ({ usage }) => ({ prompt: usage!.prompt_tokens, completion: 0 }) }),
      /Cannot read/,
    ],
    [
      "tokens gives NaN",
      () => ({ tokens: ({ usage }) => ({ prompt: Number(usage?.prompt_tokens), completion: 0 }) }),
      "tokens gave NaN for `prompt`",
    ],
    ["tokens gives less than 0", () => ({ tokens: () => ({ prompt: 1, completion: -1 }) }), "gave -1 for `completion`"],
    [
      "tokens gives a string",
      () => ({ tokens: () => ({ prompt: "4" as never, completion: 0 }) }),
      "tokens gave 4 for `prompt`",
    ],
  ],
  "finishReason is a string or undefined": [
    ["finishReason is null", () => ({ finishReason: () => null as never }), "finishReason gave null."],
  ],
  "isAnswer, admit, tokens and finishReason change nothing": [
    [
      "isAnswer marks the answer",
      ({ isAnswer }) => ({
        isAnswer(value): value is Embeddings {
          if (isAnswer(value)) writing(value, "seen");
          return isAnswer(value);
        },
      }),
      "isAnswer changed the answer.",
    ],
    [
      "admit reverses the answer",
      () => ({ admit: ({ data }) => (data as object[]).reverse().length > 0 }),
      "admit changed the answer.",
    ],
    [
      "admit marks the request",
      () => ({
        admit(_, request) {
          writing(request, "seen");
          return true;
        },
      }),
      "admit changed the request.",
    ],
    [
      "tokens fills in the usage",
      () => ({
        tokens(answer) {
          writing(answer, "usage");
          return { prompt: 0, completion: 0 };
        },
      }),
      "tokens changed the answer.",
    ],
  ],
  "unkeyed members do not move the key": [
    ["an unkeyed member is always keyed", () => ({ alwaysKeyed: ["user"] }), "`user` is unkeyed, but moves the key."],
    [
      "check copies an unkeyed member",
      checking((request) => void Object.assign(request, { owner: request.user ?? null })),
      "`user` is unkeyed, but moves the key.",
    ],
  ],
  "unknown members move the key": [
    ["every member is unkeyed", () => ({ unkeyed: everything }), "An unknown member does not move the key."],
    [
      "check drops unknown members",
      checking((request) => void Reflect.deleteProperty(request, "x_remem_contract")),
      "An unknown member does not move the key.",
    ],
  ],
  "all other members move the key when they change": [
    [
      "check overwrites a member",
      checking((request) => void Object.assign(request, { encoding_format: "float" })),
      "`encoding_format` changed, but the key did not.",
    ],
    [
      "check keeps the first input",
      checking(
        (request) =>
          void (Array.isArray(request.input) && Object.assign(request, { input: request.input.slice(0, 1) })),
      ),
      "`input` changed, but the key did not.",
    ],
  ],
  "members with their default value do not move the key": [
    [
      "a member with a default is always keyed",
      () => ({ alwaysKeyed: ["encoding_format"] }),
      "`encoding_format` has its default value, but moves the key.",
    ],
    [
      "a default that is not a plain value",
      () => ({ defaults: { dimensions: [1] as never } }),
      "`dimensions` has its default value, but moves the key.",
    ],
  ],
  "the name is in the key, except for the implicit one of Chat Completions": [
    ["another surface is implicit", () => ({ isImplicit: true }), "`isImplicit` is reserved for Chat Completions"],
  ],
  "aggregate and chunksOf come together": [
    ["no chunksOf", () => ({ chunksOf: undefined as never }), "has both `aggregate` and `chunksOf`."],
  ],
  "the chunks of an answer add up to it, whole and by word": [
    [
      "chunksOf drops an item",
      ({ chunksOf }) => ({ chunksOf: (answer) => [...chunksOf!(answer)].slice(1) }),
      "do not add up to it.",
    ],
    [
      "chunksOf drops an item by word",
      ({ chunksOf }) => ({ chunksOf: (answer, options) => [...chunksOf!(answer)].slice(options?.byWord ? 1 : 0) }),
      "do not add up to it.",
    ],
    [
      "chunksOf takes the items out of the answer",
      ({ chunksOf }) => ({
        chunksOf(answer) {
          const chunks = [...chunksOf!(answer)];
          (answer.data as object[]).length = 0;
          return chunks;
        },
      }),
      "chunksOf changed the answer.",
    ],
  ],
  "an aggregate is complete with all chunks of an answer, and not without any": [
    ["an aggregate is never complete", aggregating({ isComplete: () => false }), "are not complete."],
    ["an aggregate is always complete", aggregating({ isComplete: () => true }), "without chunks is complete."],
  ],
  "an aggregate of a stream that ended early is not complete": [
    [
      "an aggregate is complete with its first item",
      ({ aggregate }) => ({
        aggregate() {
          const { add, answer } = aggregate!();
          return { add, answer, isComplete: () => answer().data.length > 0 };
        },
      }),
      "for a whole answer.",
    ],
  ],
  "an aggregate and its chunks stay apart": [
    [
      "the answer has the items of the chunks",
      () => ({
        aggregate() {
          const chunks: EmbeddingsChunk[] = [];
          return {
            add: (chunk) => void chunks.push(chunk),
            isComplete: () => chunks.length > 0,
            answer: () => ({ data: chunks.flatMap(({ item }) => item ?? []), usage: chunks.at(-1)?.usage ?? null }),
          };
        },
      }),
      "A change of the answer reaches the chunks",
    ],
    [
      "every answer is the same object",
      ({ aggregate }) => ({
        aggregate() {
          const { add, isComplete, answer } = aggregate!();
          let known: Embeddings | undefined;
          return {
            add,
            isComplete,
            answer() {
              known ??= answer();
              return known;
            },
          };
        },
      }),
      "Two answers share their members.",
    ],
  ],
  "a call is a miss, and the next one an equal hit": [
    ["nothing is admitted", () => ({ admit: () => false }), "The second call was no hit."],
    [
      "isAnswer refuses every second answer",
      ({ isAnswer }) => {
        let calls = 0;
        return { isAnswer: (value): value is Embeddings => isAnswer(value) && ++calls % 2 === 1 };
      },
      "The second call was no hit.",
    ],
  ],
  "texts are messages, each of a role and a text": [
    ["an answer says nothing", texting({ choices: () => [] }), "choices gave none of"],
    [
      "a text is a list",
      texting({ messages: ({ input }) => [{ role: "user", text: input as string }] }),
      "A message has something else than texts",
    ],
    [
      "a call has no name",
      texting({ choices: () => [{ role: "", text: "", toolCalls: [{ name: undefined as never, arguments: "" }] }] }),
      "A message has something else than texts",
    ],
  ],
  "texts name the members that hold what is said, and say them": [
    ["what is said is elsewhere", texting({ said: ["messages"] }), "has no member of `said`"],
    ["a text is left out", texting({ messages: () => [] }), "messages leaves out `input`"],
  ],
  "texts take any request that check accepts": [
    [
      "a list holds texts alone",
      texting({ messages: ({ input }) => [input].flat().map((one) => ({ role: "", text: (one as string).trim() })) }),
      /Cannot read|not a function/,
    ],
  ],
  "texts change nothing": [
    [
      "the choices of an answer are taken off",
      texting({ choices: ({ data }) => (data as object[]).splice(0).map(() => ({ role: "", text: "" })) }),
      /deep/,
    ],
  ],
};

/** Replaces members of the surface's texts. */
function texting(members: Partial<NonNullable<EmbeddingsSurface["texts"]>>): Double[1] {
  return ({ texts }) => ({ texts: { ...texts!, ...members } });
}

const everything: ReadonlySet<string> = Object.assign(new Set<string>(), { has: () => true });

/** A type guard of any condition, for surfaces that check too little. */
function has(condition: (value: Embeddings) => unknown): (value: unknown) => value is Embeddings {
  return (value): value is Embeddings => Boolean(condition(value as Embeddings));
}

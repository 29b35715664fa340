import type { JsonObject } from "../json/json-value.ts";

/** Tokens of one call, as the provider counted them. */
export interface TokenCount {
  /** Tokens of the request. */
  readonly prompt: number;
  /** Tokens of the answer. */
  readonly completion: number;
}

/** Puts an answer together from the chunks of its stream. */
export interface Aggregate<Answer> {
  /** Adds the next chunk, without modifying it. */
  add(chunk: object): void;
  /** Whether the chunks so far are a whole answer. */
  isComplete(): boolean;
  /** The answer so far, as an unstreamed one would be. It shares no object with the chunks. */
  answer(): Answer;
}

/** The options of `chunksOf`. */
export interface ChunksOptions {
  /** Whether to split texts into words, for a paced replay. By default each text is one chunk. */
  readonly byWord?: boolean | undefined;
}

/** One message in a readable form. */
export interface MessageText {
  /** The role, by its name on the wire: `system`, `user`, `assistant`, `model`, `tool`. */
  readonly role: string;
  /** Its text. Parts other than text, reasoning and calls are in it as JSON. */
  readonly text: string;
  /** The reasoning before the text, if the server reports it. */
  readonly reasoning?: string;
  /** The calls of tools that it asks for. */
  readonly toolCalls?: readonly ToolCallText[];
}

/** One choice of an answer in a readable form. */
export interface ChoiceText extends MessageText {
  /** The reason why the model stopped. */
  readonly finishReason?: string;
}

/** A call of a tool in a readable form. */
export interface ToolCallText {
  /** The name of the tool. */
  readonly name: string;
  /** The arguments, usually JSON. */
  readonly arguments: string;
}

/** Converts requests and answers of a surface to a conversation. */
export interface SurfaceTexts<Request extends object = JsonObject, Answer extends object = JsonObject> {
  /** Members of a request that contain the conversation, in its order, such as `system` and `messages`. */
  readonly said: readonly string[];
  /** Returns the messages of a request, in order. */
  messages(request: Request): readonly MessageText[];
  /** Returns the choices of an answer. Most answers have one. */
  choices(answer: Answer): readonly ChoiceText[];
}

/**
 * Describes one kind of request and its answer: Chat Completions, embeddings, or one of your own. It is all that the cache
 * knows about them; everything else in a request or an answer is opaque to it. A surface is an object literal.
 */
export interface Surface<Request extends object = JsonObject, Answer extends object = JsonObject> {
  /** The version of this contract. */
  readonly specVersion: 1;
  /** Names the surface, in keys too: requests of two surfaces never share an entry. */
  readonly name: string;
  /** Leaves the name out of the key. Reserved for Chat Completions, whose keys are older than surfaces. */
  readonly isImplicit?: true;
  /** Members that are sent but cannot change the answer. All other members are in the key. */
  readonly unkeyed: ReadonlySet<string>;
  /** Members that are always in the key. A member that the request lacks is `null` there. */
  readonly alwaysKeyed?: readonly string[];
  /** Members that mean the same as their absence when they have this value. */
  readonly defaults?: Readonly<Record<string, string | number | boolean | null>>;
  /** Members whose integral numbers Python writes as floats (`1.0`). Only keys that a Python program computes depend on it. */
  readonly floats?: readonly string[];
  /**
   * Checks what the servers of this surface need, and no more.
   * @throws {InvalidRequestError}
   */
  check(request: JsonObject): void;
  /** Whether the value has the shape that the other members rely on. */
  isAnswer(value: unknown): value is Answer;
  /** Whether the answer is complete and usable, and so worth storing. */
  admit(answer: Answer, request: Request): boolean;
  /** Returns why `admit` refuses the answer, in a word or two of a fixed list: statistics count by it. */
  whyNotAdmitted?(answer: Answer, request: Request): string | undefined;
  /** Returns the tokens of an answer. Left out if answers report no usage. */
  tokens?(answer: Answer): TokenCount;
  /** Returns why the answer ended, for the event of an answer that is not stored. */
  finishReason?(answer: Answer): string | undefined;
  /** Returns the model that a request names, for the journal. */
  model?(request: Request): string | undefined;
  /** Makes requests and answers readable for people who look into a store. Without it they are shown as JSON. */
  readonly texts?: SurfaceTexts<Request, Answer>;
  /** Starts to assemble an answer from chunks. Left out, like `chunksOf`, if there are no streams. */
  aggregate?(): Aggregate<Answer>;
  /** Makes chunks of an answer that add up to it, for a caller that reads a stored answer as a stream. */
  chunksOf?(answer: Answer, options?: ChunksOptions): Iterable<object>;
}

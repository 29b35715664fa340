import type { ChatCompletion, ChatRequest } from "@remem/core";

/** One way to get an answer that is kept: what is measured. It has a process of its own. */
export interface Contestant {
  /** The text of the answer: the kept one, or else that of `generate`, which is kept. */
  ask(request: ChatRequest): Promise<string>;
  /** The same for many at once, in their order, where there is a way of its own for that. */
  askAll?(requests: readonly ChatRequest[]): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** What a contestant may use. */
export interface Setting {
  /** An empty directory of its own, or one that an earlier process of the same contestant has filled. */
  readonly directory: string;
  /** Of a database in Redis that is its own, too; empty for who does not keep answers there. */
  readonly redisUrl: string;
  /** Of a server of chat completions, for who keeps no answers. */
  readonly serverUrl?: string;
  /** Stands for the model. */
  generate(request: ChatRequest): Promise<ChatCompletion>;
}

/** What the module of a contestant exports under the name `open`. */
export type Open = (setting: Setting) => Promise<Contestant>;

import type { JsonObject, Surface } from "@remem/core";
import type { HeaderLookup } from "../request/plain-request.ts";

/** A request as it was fetched. */
export interface HttpRequest {
  /** The address, with its query. */
  readonly url: URL;
  /** The headers, including the caller's credentials. */
  readonly headers: HeaderLookup;
  /** The body, which is a JSON object. */
  readonly body: JsonObject;
}

/** The result of `find` for a request that may be cached. */
export interface Found<Request extends object> {
  /** The request as it is keyed: the body, and all other data that changes the answer, such as a model in the path. */
  readonly request: Request;
  /** Separates models of the same name, see `LLMProvider.scope`. Undefined for OpenAI's own endpoint. */
  readonly scope: string | undefined;
  /** Whether the caller asks for a stream. */
  readonly isStream: boolean;
  /** Set if the server keeps the answer, so that later requests can refer to its ids. */
  readonly retention?: Retention;
}

/** The account for which a server keeps an answer, and how long. */
export interface Retention {
  /** The account, without its credentials. Other accounts cannot refer to the answer, so they have separate entries. */
  readonly account: string;
  /** The longest time to live of the entry in milliseconds. */
  readonly ttlMs: number;
}

/** The reason why a request is not cached: it refers to state of the server, or the server runs a tool of its own. */
export interface PassedThrough {
  /** In a few words, such as `previous_response_id`. */
  readonly passes: string;
}

/**
 * Describes one kind of request over HTTP: its addresses, its key, and the format of its answers and streams. An object
 * literal, like the `Surface` in it.
 */
export interface HttpSurface<Request extends object = JsonObject, Answer extends object = JsonObject> {
  /** Describes requests and answers to the cache. */
  readonly surface: Surface<Request, Answer>;
  /** Whether requests to this address are of this kind. Their body is read only then. */
  matches(url: URL): boolean;
  /** Returns the keyed request, or the reason why the request passes through. */
  find(asked: HttpRequest): Found<Request> | PassedThrough;
  /**
   * Returns the answer with repeated members of the request, such as ids, replaced by those of the current request. Must not change the
   * given answer, which other callers share.
   */
  echo?(answer: Answer, body: JsonObject): Answer;
  /** The format of streams. Left out if there are none. */
  readonly stream?: StreamFormat | ((url: URL) => StreamFormat);
  /**
   * Returns what the caller with this body sees of a chunk, if that differs from what the server sent. Returns the same function for
   * callers that see the same: `cachedFetch` then writes a stored stream once for all of them.
   */
  view?(body: JsonObject): ChunkView;
  /** Returns the body to send for a stream, if it asks for more than the caller has asked for. */
  streamBody?(body: JsonObject): JsonObject;
  /** An error in the form of this kind of server. */
  errorBody(message: string, code: string): JsonObject;
}

/** Returns what a caller sees of a chunk, or undefined for a chunk that it does not see. Must not change the given chunk, which other callers share. */
export type ChunkView = (chunk: object) => object | undefined;

/** The format of chunks in a body. */
export interface StreamFormat {
  /** The `Content-Type` of the body. */
  readonly contentType: string;
  /** Reads the pieces of a body as they come. */
  reader(): ChunkReader;
  /** The text of one chunk. */
  write(chunk: object): string;
  /** The text after the last chunk of a complete stream. */
  readonly end?: string;
  /** The text before the first chunk. */
  readonly start?: string;
  /** The text between two chunks. */
  readonly between?: string;
}

/** Reads chunks out of the text of a body. */
export interface ChunkReader {
  /**
   * The chunks that a piece of the body completes.
   * @throws {SyntaxError} if a chunk is not JSON
   */
  push(text: string): object[];
  /**
   * The chunks that the end of the body completes.
   * @throws {SyntaxError} if the body ends too early for its format
   */
  flush(): object[];
}

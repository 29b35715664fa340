import type { JsonObject, Surface } from "@remem/core";
import type { HeaderLookup } from "../request/plain-request.ts";

/** A request as it was fetched. */
export interface HttpRequest {
  /** The address, with its query. */
  readonly url: URL;
  /** The headers, the caller's credentials among them. */
  readonly headers: HeaderLookup;
  /** The body, which is a JSON object. */
  readonly body: JsonObject;
}

/** What a surface has found in a request. */
export interface Found<Request extends object> {
  /** The request as it is keyed: the body, and what else changes the answer, such as a model in the path. */
  readonly request: Request;
  /** Whose model it is, see `LLMProvider.scope`. Undefined for OpenAI's own endpoint. */
  readonly scope: string | undefined;
  /** Whether the caller asks for a stream. */
  readonly isStream: boolean;
  /** Set where the server keeps the answer, so that later requests can refer to it by its ids. */
  readonly retention?: Retention;
}

/** For whom a server keeps an answer, and how long. */
export interface Retention {
  /** The account, without its credentials. Others cannot refer to the answer, so they have an entry of their own. */
  readonly account: string;
  /** How long the answer may be served at most, in milliseconds. */
  readonly ttlMs: number;
}

/** Why a request is not cached: what it refers to is kept by the server, or the server looks at the world. */
export interface PassedThrough {
  /** In a few words, such as `previous_response_id`. */
  readonly passes: string;
}

/**
 * One kind of request over HTTP: where it is sent, what is keyed, and how its answers and streams are written. An object
 * literal, like the `Surface` in it.
 */
export interface HttpSurface<Request extends object = JsonObject, Answer extends object = JsonObject> {
  /** What the cache knows about requests and answers. */
  readonly surface: Surface<Request, Answer>;
  /** Whether requests to this address are of this kind. Their body is read only then. */
  matches(url: URL): boolean;
  /** What is keyed, or why the request passes through. */
  find(asked: HttpRequest): Found<Request> | PassedThrough;
  /**
   * The answer with what it repeats of the request taken from the present one, so that a hit shows no other caller's ids. A new object
   * where anything differs: others get the given one, too.
   */
  echo?(answer: Answer, body: JsonObject): Answer;
  /** How streams are written. Left out where there are none. */
  readonly stream?: StreamFormat | ((url: URL) => StreamFormat);
  /**
   * What the caller with this body sees of chunks, where that differs from what was asked of the server. The same function for callers
   * that see the same: what was written for one is then sent to the others.
   */
  view?(body: JsonObject): ChunkView;
  /** The body that is sent for a stream, where more is asked than the caller wants to see. */
  streamBody?(body: JsonObject): JsonObject;
  /** An error in the form of this kind of server. */
  errorBody(message: string, code: string): JsonObject;
}

/** What a caller sees of a chunk: a new object where it differs, since others see the given one; undefined for a chunk that it does not see. */
export type ChunkView = (chunk: object) => object | undefined;

/** How chunks are written in a body. */
export interface StreamFormat {
  /** The `Content-Type` of the body. */
  readonly contentType: string;
  /** Reads the pieces of a body as they come. */
  reader(): ChunkReader;
  /** The text of one chunk. */
  write(chunk: object): string;
  /** What follows the last chunk of a complete stream. */
  readonly end?: string;
  /** What stands before the first chunk. */
  readonly start?: string;
  /** What stands between two chunks. */
  readonly between?: string;
}

/** Reads chunks out of the text of a body. */
export interface ChunkReader {
  /**
   * The chunks that a piece of the body completes.
   * @throws {SyntaxError} where a chunk is no JSON
   */
  push(text: string): object[];
  /**
   * The chunks that the end of the body completes.
   * @throws {SyntaxError} where the body ends too early for its format
   */
  flush(): object[];
}

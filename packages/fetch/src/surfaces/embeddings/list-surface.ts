import type { JsonObject, Surface } from "@remem/core";
import type { HttpRequest, PassedThrough } from "../http-surface.ts";

/** The items of a request for several answers. */
export interface FoundItems<Request extends object> {
  /** One request for each item, as it is keyed. */
  readonly items: readonly Request[];
  /** Separates models of the same name: see `LLMProvider.scope`. */
  readonly scope: string | undefined;
}

/**
 * A kind of request that asks for several answers at once, such as embeddings. Each item has an entry of its own, and the server is
 * asked only for those that are missing.
 */
export interface ListSurface<Request extends object = JsonObject, Answer extends object = JsonObject> {
  /** Describes one item and its answer to the cache. */
  readonly surface: Surface<Request, Answer>;
  /** Whether requests to this address are of this kind. Their body is read only then. */
  matches(url: URL): boolean;
  /** Returns the keyed items, or the reason why the request passes through. */
  findItems(asked: HttpRequest): FoundItems<Request> | PassedThrough;
  /** Returns the body that asks for the items at these places. */
  bodyFor(body: JsonObject, places: readonly number[]): JsonObject;
  /** Returns the answers to `count` items; undefined for any other body. */
  split(body: unknown, count: number): readonly Answer[] | undefined;
  /** Returns the body that answers all items, in the form that the caller asked for. */
  join(answers: readonly Answer[], body: JsonObject): JsonObject;
  /** An error in the form of this kind of server. */
  errorBody(message: string, code: string): JsonObject;
}

import { type InferResult, toResult } from "../../chat/answer/infer-result.ts";
import type { ResultCompletion } from "../../chat/answer/result-completion.ts";
import type { ChatCompletion, ChatRequest } from "../../chat/chat-completion.ts";
import type { CacheMode, Call, CallLimits } from "../../contracts/call.ts";
import type { Access } from "../../engine/access.ts";
import type { ReadThrough } from "../../engine/read-through-options.ts";
import { callTimedOut } from "../../errors/errors.ts";
import { type ObjectReader, objectReader } from "./read-object.ts";
import type { ResponseSchema } from "./schema.ts";
import { SchemaMismatchError } from "./schema-mismatch.ts";

type ChatCall = Call<ChatRequest, ChatCompletion>;

export interface ObjectOptions<Output> {
  readonly schema: ResponseSchema<Output>;
  /** The number of further attempts after an answer that does not match. 0 by default. */
  readonly retries?: number | undefined;
  /**
   * Whether the client's own `admit` decides which answers are stored. By default an answer that does not match is not
   * stored.
   */
  readonly hasOwnAdmit: boolean;
}

/**
 * Answers a call with an object that matches a schema. It validates stored answers on each read, because the schema may have
 * changed since they were stored.
 * @throws {SchemaMismatchError} if the last answer does not match
 */
export async function inferObject<Output>(
  readThrough: ReadThrough,
  call: ChatCall,
  { schema, retries = 0, hasOwnAdmit }: ObjectOptions<Output>,
  limits: CallLimits,
  access?: Access,
): Promise<InferResult<Output>> {
  const read = await objectReader(schema);
  const clock = createClock(call.provider, limits, access === undefined);
  const own = validating(call, read, hasOwnAdmit, clock.start);
  let mode = call.mode;
  for (let left = retries; ; left -= 1) {
    const outcome = await readThrough.get({ ...own, mode }, clock.left(), access);
    const result = toResult(call, outcome);
    const found = await read(result.completion);
    if (found.issues === undefined) return { ...result, object: found.object };
    if (left === 0 || call.mode === "only-if-cached") throw new SchemaMismatchError(found.issues, result);
    mode = nextMode(call.mode, hasOwnAdmit || outcome.source === "store");
  }
}

/** Returns the mode of the next attempt, which the same entry must not answer. */
function nextMode(mode: CacheMode, isStored: boolean): CacheMode {
  return mode === "default" && isStored ? "reload" : mode;
}

/** Returns the same call, but it does not store an answer that fails validation. */
function validating(call: ChatCall, read: ObjectReader<unknown>, hasOwnAdmit: boolean, onAsk: () => void): ChatCall {
  let isValid = true;
  const { surface } = call;
  return {
    ...call,
    async ask(request, context) {
      onAsk();
      const completion = await call.ask(request, context);
      // `admit` cannot validate the answer, because a validation may be asynchronous.
      isValid = !surface.isAnswer(completion) || (await read(completion as ResultCompletion)).issues === undefined;
      return completion;
    },
    surface: hasOwnAdmit
      ? surface
      : {
          ...surface,
          admit: (answer, request) => surface.admit(answer, request) && isValid,
          whyNotAdmitted: (answer, request) => surface.whyNotAdmitted?.(answer, request) ?? "schema",
        },
  };
}

/** Divides a call's budget among its attempts. In a batch it starts when the item's turn has come. */
function createClock(
  provider: string,
  { signal, timeoutMs }: CallLimits,
  isStarted: boolean,
): { start(): void; left(): CallLimits } {
  let startedAt = isStarted ? performance.now() : undefined;
  return {
    start() {
      startedAt ??= performance.now();
    },
    left() {
      if (timeoutMs === undefined || startedAt === undefined) return { signal, timeoutMs };
      const left = Math.ceil(timeoutMs - (performance.now() - startedAt));
      if (left <= 0) throw callTimedOut(provider, timeoutMs);
      return { signal, timeoutMs: left };
    },
  };
}

import type { Call } from "../contracts/call.ts";
import type { DeferredCounts } from "../contracts/deferred-api.ts";
import type { Surface } from "../contracts/surface.ts";
import { ProviderError, RememError } from "../errors/errors.ts";
import type { KeyFacts } from "../key/cache-key.ts";

/** The batch that asks for a request, and the outcome. The store keeps it until the answer is stored. */
export interface Claim {
  /** The batch that the request is in. */
  readonly token: string;
  /** The request as it is sent. */
  readonly request: object;
  /** The request as it is keyed, if that differs. */
  readonly keyed?: object;
  readonly facts: KeyFacts;
  readonly ttlMs?: number | undefined;
  /** The number of batches that have ended without an answer, although they could have given one. */
  readonly failures?: number;
  /** A failure, or an answer that is not stored. It is kept until its caller has it. */
  readonly outcome?: { readonly completion: object } | { readonly error: ErrorNote };
}

/** A batch, from before its first request is claimed until after its last answer is stored. */
export interface BatchNote {
  readonly token: string;
  readonly provider: string;
  readonly scope?: string | undefined;
  /** The surface of its requests, unless they are Chat Completions. */
  readonly surface?: string | undefined;
  /** The group of its requests: their model. */
  readonly group: string;
  /**
   * `claiming`: its requests are being claimed. `sealed`: they are known, and it waits to be submitted. `creating`: its file is
   * uploaded, and the server may have the batch. `submitted`: its id is known. `ended`: all its results are stored.
   */
  readonly state: "claiming" | "sealed" | "creating" | "submitted" | "ended";
  readonly createdAt: number;
  readonly total: number;
  readonly bytes: number;
  readonly fileId?: string | undefined;
  readonly creatingAt?: number | undefined;
  /** How often the server has refused it because its queue was full. Each attempt has a name of its own, by which the server finds it. */
  readonly attempt?: number | undefined;
  readonly batchId?: string | undefined;
  /** The server's word for its state. */
  readonly status?: string | undefined;
  readonly counts?: DeferredCounts | undefined;
  /** Why it waits, or has failed. */
  readonly problem?: string | undefined;
  /** Whether it waits until other batches have left the server's queue. */
  readonly isHeld?: boolean | undefined;
  /** Whether its owner has cancelled it: the requests that are left are then not submitted again. */
  readonly isCancelled?: boolean | undefined;
}

/** The name of a batch on its server. */
export const submissionOf = ({ token, attempt = 0 }: BatchNote): string =>
  attempt === 0 ? token : `${token}-${attempt}`;

export const claimOf = (key: string): string => `claim/${key}`;
export const batchOf = (token: string): string => `batch/${token}`;
export const keysOf = (token: string, page: number): string => `keys/${token}/${page}`;

/** The surface in a note. Undefined for the implicit surface, because the notes of the first jobs name none. */
export const surfaceOf = ({ name, isImplicit }: Surface<object, object>): string | undefined =>
  isImplicit ? undefined : name;

/** How many keys one note holds. */
export const KEYS_A_NOTE = 1_000;

/** An error as a note keeps it. */
export interface ErrorNote {
  readonly code: RememError["code"];
  readonly message: string;
  readonly provider?: string;
  readonly status?: number;
  readonly retryable?: boolean;
  readonly cause?: Readonly<Record<string, string | number>>;
}

export function errorNote(error: RememError): ErrorNote {
  const { code, message, cause } = error;
  const { provider, status, retryable } = ProviderError.is(error) ? error : ({} as Partial<ProviderError>);
  const facts = cause instanceof Error ? Object.entries({ ...cause, message: cause.message }) : [];
  const kept = facts.filter((fact): fact is [string, string | number] => ["string", "number"].includes(typeof fact[1]));
  return {
    code,
    message,
    ...(provider !== undefined && { provider }),
    ...(status !== undefined && { status }),
    ...(retryable && { retryable }),
    ...(kept.length > 0 && { cause: Object.fromEntries(kept) }),
  };
}

export function errorOf({ code, message, provider, status, retryable, cause: facts }: ErrorNote): RememError {
  const { message: words, ...members } = facts ?? {};
  const cause = facts && Object.assign(new Error(String(words)), members);
  if (provider === undefined) return new RememError(code, message, { cause });
  return new ProviderError(message, {
    provider,
    code: code as "PROVIDER_ERROR",
    status,
    retryable: retryable ?? false,
    cause,
  });
}

/** The claim of a call. */
export function claimFor(call: Call<object, object>, token: string, facts: KeyFacts): Claim {
  const { request, keyed, ttlMs } = call;
  return { token, request, ...(keyed !== request && { keyed }), facts, ...(ttlMs !== undefined && { ttlMs }) };
}

/** The call that has made a claim. It asks no provider. */
export function callOf(
  key: string,
  { request, keyed = request, facts, ttlMs }: Claim,
  surface: Surface<object, object>,
  provider: string,
): Call<object, object> {
  const { scope, sample, floats } = facts;
  const keyOptions = { scope, sample, ...(floats && { floats: (pointer: string) => floats.includes(pointer) }) };
  const ask = (): never => {
    throw new Error("The answer of a batch is collected.");
  };
  return { surface, key, request, keyed, keyOptions, mode: "default", ttlMs, isReadOnly: false, provider, ask };
}

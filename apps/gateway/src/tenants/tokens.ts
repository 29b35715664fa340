import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** The header of a token whose caller sends a key of its own, too. */
export const TOKEN_HEADER = "x-remem-token";

/** The headers in which clients send a key, or a token in place of it. */
const KEY_HEADERS = ["authorization", "x-api-key", "api-key", "x-goog-api-key"];

const HASH = /^sha256:([\da-f]{64})$/;

/** A token that a request presents. */
export interface Presented {
  readonly token: string;
  /** Whether it stands where the key of the upstream would. */
  readonly isInPlaceOfKey: boolean;
}

/** A new token, of 256 random bits. */
export const newToken = (): string => `remem-${randomBytes(32).toString("base64url")}`;

/** A token as a configuration names it. It is random, so that a fast hash of it cannot be guessed. */
export const hashOf = (token: string): string => `sha256:${digest(token).toString("hex")}`;

/** The digest in a hash of `hashOf`. Undefined for any other value. */
export function digestIn(hash: unknown): Buffer | undefined {
  const hex = typeof hash === "string" ? HASH.exec(hash)?.[1] : undefined;
  return hex === undefined ? undefined : Buffer.from(hex, "hex");
}

/** The tokens that a request presents. Some clients send a key in two headers. */
export function presentedIn({ headers, url = "" }: IncomingMessage): readonly Presented[] {
  const own = headers[TOKEN_HEADER];
  if (own !== undefined) return [{ token: String(own), isInPlaceOfKey: false }];
  const inHeaders = KEY_HEADERS.map((name) => headers[name]).filter((value) => typeof value === "string");
  const inQuery = /[?&]key=([^&#]*)/.exec(url)?.[1];
  return [...inHeaders, ...(inQuery === undefined ? [] : [inQuery])].map((value) => ({
    token: value.replace(/^Bearer +/i, ""),
    isInPlaceOfKey: true,
  }));
}

/** Finds the owner of a token. Takes the same time for every token, even for an unknown one. */
export function ownerOf<Owner>(
  token: string,
  owners: ReadonlyArray<readonly [digest: Buffer, Owner]>,
): Owner | undefined {
  const presented = digest(token);
  let found: Owner | undefined;
  for (const [known, owner] of owners) if (timingSafeEqual(known, presented)) found = owner;
  return found;
}

const digest = (token: string): Buffer => createHash("sha256").update(token).digest();

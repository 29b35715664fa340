/** Removes secrets from a text. */
export type Redact = (text: string) => string;

const REDACTED = "[redacted]";

/** Keys in the form that OpenAI and compatible servers use, partly masked ones included, and tokens after `Bearer`. */
const KEY_LIKE = /\b(?:sk|pk|rk)-[\w*.-]{6,}|(?<=\bbearer(?:\s|%20)+)[\w.~+/*-]{6,}=*/gi;

/**
 * Users and passwords in addresses, up to the last `@` that can end them. A password that was not encoded may contain a
 * slash. So a port ends an address, and any other text after a colon does not. Every pattern is bounded, because an error may
 * be long and the next `@` far away.
 */
const IN_ADDRESSES = [
  /(?<=(?<!\/)\/\/)[^\s/?#]{0,1024}@/g, // scheme://user:password@host, also without its scheme
  /(?<=(?<!\/)\/\/)[^\s/?#@:]{0,256}:(?!\d{1,5}(?:[/?#]|$))\S{0,1024}@/g, // the same with /, ? or # in the password
  /(?<![\w.+-])[\w.+-]{0,256}:[^\s@/"']{1,512}@(?=[\w[(.-])/g, // user:password@host
];

/** Members of query strings and connection strings. */
const IN_MEMBERS =
  /(?<=\b(?:password|passwd|passphrase|pwd|pass|auth|(?:\w{0,32}[-_])?(?:token|secret|signature)|api[-_]?key|access[-_]?key|account[-_]?key|sig)(?:\s?=\s?|["']\s?:\s?["'])|[?&]key=)[^\s&;,"'`]{1,1024}/gi;

/** A longer message is a response body rather than a reason, and is truncated. */
const MAX_CHARACTERS = 16_384;

/** Removes everything that looks like a credential. */
export function withoutCredentials(text: string): string {
  const short = text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS)}...`;
  return [...IN_ADDRESSES.map((pattern) => [pattern, `${REDACTED}@`] as const), [IN_MEMBERS, REDACTED] as const].reduce(
    (clean, [pattern, mark]) => clean.replace(pattern, mark),
    short.replace(KEY_LIKE, REDACTED),
  );
}

/**
 * Makes a `Redact` that also removes known secrets, plain, percent-encoded or escaped, because servers repeat them in any of
 * these forms. Secrets with fewer than `shortest` characters (8 by default) are not removed: local servers accept any text as a
 * key, and removing every "x" would make a message unreadable.
 */
export function createRedact(secrets: ReadonlyArray<string | undefined>, shortest = 8): Redact {
  const known = secrets.filter((secret): secret is string => secret !== undefined && secret.length >= shortest);
  const patterns = known.map((secret) => new RegExp(Array.from(secret, anyForm).join(""), "g"));
  return (text) => withoutCredentials(patterns.reduce((clean, pattern) => clean.replace(pattern, REDACTED), text));
}

/** Matches a character itself, after a backslash, escaped, or with its bytes percent-encoded once or several times. */
function anyForm(character: string): string {
  const plain = `\\\\?${character.replace(/[\\^$.*+?()[\]{}|/-]/, "\\$&")}`;
  const percents = Array.from(Buffer.from(character), (byte) => `%(?:25)*${hex(byte, 2)}`).join("");
  const escapes = Array.from(character.split(""), (unit) => `\\\\u${hex(unit.charCodeAt(0), 4)}`).join("");
  return `(?:${[plain, percents, escapes, ...(character === " " ? ["\\+"] : [])].join("|")})`;
}

/** Matches the hexadecimal digits of a number in either case. */
function hex(number: number, digits: number): string {
  const text = number.toString(16).padStart(digits, "0");
  return text.replace(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

/** Nested causes beyond this depth are dropped. */
const MAX_CAUSES = 8;

/**
 * Returns the thrown value itself if nothing in it is secret. Otherwise it returns a copy with the message, stack, causes and
 * all other texts and numbers, each without secrets. The copy lacks other members, which may hold anything, such as the options
 * of a connection.
 */
export function redactedError(thrown: unknown, redact: Redact = withoutCredentials, depth = 0): unknown {
  if (typeof thrown === "string") return redact(thrown);
  if (typeof thrown !== "object" || thrown === null) return thrown;
  const facts = factsOf(thrown).map(([name, value]) => ({ name, value, clean: cleaned(value) }));
  if (facts.every(({ value, clean }) => value === clean)) return thrown;

  const copy: object = isError(thrown) ? new Error() : {};
  for (const { name, clean } of facts) {
    if (clean === undefined) continue;
    const enumerable = Object.getOwnPropertyDescriptor(thrown, name)?.enumerable ?? false;
    Object.defineProperty(copy, name, { value: clean, enumerable, writable: true, configurable: true });
  }
  return copy;

  function cleaned(value: unknown): unknown {
    if (typeof value === "string") return redact(value);
    if (isError(value)) return depth < MAX_CAUSES ? redactedError(value, redact, depth + 1) : undefined;
    if (!Array.isArray(value) || !value.every(isError)) return isPrimitive(value) ? value : undefined;
    const items = value.map(cleaned);
    return items.every((item, index) => item === value[index]) ? value : items;
  }
}

/** Reads its own members, and those that its class may define. */
function factsOf(thrown: object): Array<readonly [name: string, value: unknown]> {
  const names = new Set([...Object.getOwnPropertyNames(thrown), "name", "message", "stack", "cause"]);
  return Array.from(names, (name) => [name, read(thrown as Record<string, unknown>, name)]);
}

function read(object: Record<string, unknown>, name: string): unknown {
  try {
    return object[name];
  } catch {
    return undefined;
  }
}

/** Recognizes errors of any realm: under some test runners Node's errors are not instances of the global `Error`. */
function isError(value: unknown): value is Error {
  return typeof value === "object" && value !== null && typeof read(value as never, "message") === "string";
}

const isPrimitive = (value: unknown): boolean => value === null || !["object", "function"].includes(typeof value);

/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

const REDACTED = "[redacted]";

/** Keys as OpenAI and those who follow it write them, also half masked, and what stands behind `Bearer`. */
const KEY_LIKE = /\b(?:sk|pk|rk)-[\w*.-]{6,}|(?<=\bbearer(?:\s|%20)+)[\w.~+/*-]{6,}=*/gi;

/**
 * Users and passwords of addresses, up to the last `@` that can end them. A password may hold a slash where nobody has
 * encoded it, so what looks like a port ends an address, and any other text behind a colon does not. Each pattern is
 * bounded: an error may be long, and an `@` far away.
 */
const IN_ADDRESSES = [
  /(?<=(?<!\/)\/\/)[^\s/?#]{0,1024}@/g, // scheme://user:password@host, and what lacks its scheme
  /(?<=(?<!\/)\/\/)[^\s/?#@:]{0,256}:(?!\d{1,5}(?:[/?#]|$))\S{0,1024}@/g, // the same with /, ? or # in the password
  /(?<![\w.+-])[\w.+-]{0,256}:[^\s@/"']{1,512}@(?=[\w[(.-])/g, // user:password@host
];

/** Members of queries and of connection strings. */
const IN_MEMBERS =
  /(?<=\b(?:password|passwd|passphrase|pwd|pass|auth|(?:\w{0,32}[-_])?(?:token|secret|signature)|api[-_]?key|access[-_]?key|account[-_]?key|sig)(?:\s?=\s?|["']\s?:\s?["'])|[?&]key=)[^\s&;,"'`]{1,1024}/gi;

/** What an error says is for people: what goes on for longer than this is a body, not a reason. */
const MOST_CHARACTERS = 16_384;

/** Takes out whatever looks like a credential, whoever has written the text. */
export function withoutCredentials(text: string): string {
  const short = text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}...`;
  return [...IN_ADDRESSES.map((pattern) => [pattern, `${REDACTED}@`] as const), [IN_MEMBERS, REDACTED] as const].reduce(
    (clean, [pattern, mark]) => clean.replace(pattern, mark),
    short.replace(KEY_LIKE, REDACTED),
  );
}

/**
 * The same, with secrets that are known besides: as they are, and percent-encoded or escaped in any way, since servers
 * repeat them so. Those of fewer than `shortest` characters (8 by default) stay: local servers take any text for a key,
 * and taking out every "x" would leave nothing to read and hide nothing.
 */
export function createRedact(secrets: ReadonlyArray<string | undefined>, shortest = 8): Redact {
  const known = secrets.filter((secret): secret is string => secret !== undefined && secret.length >= shortest);
  const patterns = known.map((secret) => new RegExp(Array.from(secret, anyForm).join(""), "g"));
  return (text) => withoutCredentials(patterns.reduce((clean, pattern) => clean.replace(pattern, REDACTED), text));
}

/** Matches a character as it is, behind a backslash, or with its bytes percent-encoded once or several times. */
function anyForm(character: string): string {
  const plain = `\\\\?${character.replace(/[\\^$.*+?()[\]{}|/-]/, "\\$&")}`;
  const percents = Array.from(Buffer.from(character), (byte) => `%(?:25)*${hex(byte, 2)}`).join("");
  const escapes = Array.from(character.split(""), (unit) => `\\\\u${hex(unit.charCodeAt(0), 4)}`).join("");
  return `(?:${[plain, percents, escapes, ...(character === " " ? ["\\+"] : [])].join("|")})`;
}

/** Matches the digits of a number, in large and small letters. */
function hex(number: number, digits: number): string {
  const text = number.toString(16).padStart(digits, "0");
  return text.replace(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

/** Deeper than this nobody looks for a reason. */
const MOST_CAUSES = 8;

/**
 * What was thrown, where all that it says is harmless: then nothing is lost of it. Else its facts in a copy: message, stack,
 * causes and what else is text or number, each without secrets. Other members may hold anything, such as the options of a
 * connection, and are left out of the copy.
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
    if (isError(value)) return depth < MOST_CAUSES ? redactedError(value, redact, depth + 1) : undefined;
    if (!Array.isArray(value) || !value.every(isError)) return isPrimitive(value) ? value : undefined;
    const items = value.map(cleaned);
    return items.every((item, index) => item === value[index]) ? value : items;
  }
}

/** Its own members, and those that may be its class'. */
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

/** Of any realm: under some test runners Node's errors are no instances of the global `Error`. */
function isError(value: unknown): value is Error {
  return typeof value === "object" && value !== null && typeof read(value as never, "message") === "string";
}

const isPrimitive = (value: unknown): boolean => value === null || !["object", "function"].includes(typeof value);

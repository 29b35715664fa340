const REDACTED = "[redacted]";

/** Keys as OpenAI and those who follow it write them, also half masked, and what stands behind `Bearer`. */
const KEY_LIKE = /\b(?:sk|pk|rk)-[\w*.-]{6,}|(?<=\bbearer\s+)[\w.~+/*-]{6,}=*/gi;

/** Local servers take any text for a key: taking out every "x" would leave nothing to read, and hide nothing. */
const SHORTEST = 8;

/** Takes secrets out of a text: servers repeat them in their errors. */
export function createRedact(secrets: ReadonlyArray<string | undefined>): (text: string) => string {
  const known = secrets.filter((secret) => secret !== undefined && secret.length >= SHORTEST) as string[];
  return (text) =>
    known.reduce((clean, secret) => clean.replaceAll(secret, REDACTED), text).replace(KEY_LIKE, REDACTED);
}

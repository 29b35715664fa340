/** What a person has in hand instead of an option of the library. */
const FLAGS: ReadonlyArray<readonly [option: string, flag: string]> = [
  ["pass `apiKey` to createRemem, or set", "set"],
  ["`apiKey`, or the environment variable it is read from", "the environment variable OPENAI_API_KEY"],
  ["createRemem: ", ""],
  ["`baseURL`", "--base-url"],
  ["`model`", "--model"],
  ["`timeoutMs`", "--timeout"],
  ["`maxRetries`", "--retries"],
  ["`limits.maxWaitMs` allows", "--max-wait allows"],
  ["Ask again then, or raise it.", "Run the command again then, or raise it."],
];

/** The message of an error in words of this command: it names flags where the library names options. */
export function inFlags(message: string): string {
  return FLAGS.reduce((text, [option, flag]) => text.replaceAll(option, flag), message);
}

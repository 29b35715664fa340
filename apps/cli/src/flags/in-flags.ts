/** The phrases for a user of the command, in place of those for a user of the library. */
const FLAGS: ReadonlyArray<readonly [option: string, flag: string]> = [
  ["pass `apiKey` to createRemem, or set", "set"],
  ["pass `baseURL` to createRemem, or set", "give --base-url, or set"],
  ["createRemem: ", ""],
  ["createGateway: ", ""],
  ["`port`", "--port"],
  ["`host`", "--host"],
  ["`upstreams.", "`gateway.upstreams."],
  ["`baseURL`", "--base-url"],
  ["`model`", "--model"],
  ["`timeoutMs`", "--timeout"],
  ["`maxRetries`", "--retries"],
  ["`limits.maxWaitMs` allows", "--max-wait allows"],
  ["Retry then, or raise the limit.", "Run the command again then, or raise it."],
];

/** The message of an error in words of this command: it names flags where the library names options. */
export function inFlags(message: string): string {
  const text = message.replaceAll("`apiKey`, or the environment variable it is read from", variableOf(message));
  return FLAGS.reduce((text, [option, flag]) => text.replaceAll(option, flag), text);
}

/** The variable that holds the key of the provider that a message begins with. */
function variableOf(message: string): string {
  return `the environment variable ${message.startsWith('"azure"') ? "AZURE_OPENAI_API_KEY" : "OPENAI_API_KEY"}`;
}

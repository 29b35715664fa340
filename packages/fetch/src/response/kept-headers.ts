/**
 * Headers of a response that describe the answer, and that a hit has, too. The others belong to one transfer, or to the account
 * that has paid.
 */
const KEPT =
  /^(?:x-request-id|request-id|openai-(?!organization|project).*|anthropic-workspace-id|x-gemini-.*|x-ms-.*)$/;

export function keptHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => KEPT.test(name)));
}

/** Headers that describe how the body was transferred, which `fetch` has undone. */
const OF_TRANSFER = ["content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"];

export function withoutTransfer(headers: Headers): Headers {
  const others = new Headers(headers);
  for (const name of OF_TRANSFER) others.delete(name);
  return others;
}

/** The texts of responses whose body has been read. */
const texts = new WeakMap<Response, string>();

/** Makes a response of a text that `readText` returns even after other code, such as an instrumentation, has read it. */
export function textResponse(text: string, init: ResponseInit): Response {
  const response = new Response(allowsBody(init.status) ? text : null, init);
  texts.set(response, text);
  return response;
}

/** Whether `textResponse` has made a response. */
export const isBuffered = (response: Response): boolean => texts.has(response);

function allowsBody(status: number | undefined): boolean {
  return status !== 204 && status !== 205 && status !== 304;
}

/** Reads a body as text; undefined if it exceeds the limit, which stops reading: a small one can unpack to gigabytes. */
export async function readText(response: Response, maxBytes: number): Promise<string | undefined> {
  const known = texts.get(response);
  if (known !== undefined) return known;
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.length;
    if (bytes > maxBytes) return undefined; // Leaving the loop cancels the body.
    pieces.push(piece);
  }
  return new TextDecoder().decode(Buffer.concat(pieces));
}

/** The problem of a body for which `readText` returns undefined. */
export function tooLargeMessage(maxBytes: number): string {
  return `The answer is larger than ${maxBytes} bytes (\`maxResponseBytes\`).`;
}

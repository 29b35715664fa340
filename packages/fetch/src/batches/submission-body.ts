import type { DeferredSubmission } from "@remem/core/plugin";
import { customIdOf } from "./custom-id.ts";

/** A body that is streamed. Its length is known in advance, because some servers refuse a body without a length. */
export interface StreamedBody {
  readonly length: number;
  /** The body from its beginning. */
  open(): ReadableStream<Uint8Array>;
}

const HEAD = '{"requests":[';
const TAIL = "]}";
/** How much text is written to the connection at once. */
const PIECE_CHARACTERS = 64 * 1024;

/** More than the text around each request takes. */
export const AROUND_BYTES = 128;

const before = (token: string, line: number): string => `{"custom_id":"${customIdOf(token, line)}","params":`;
const AFTER = "}";

/** The body of `POST /v1/messages/batches`. A line is the `params` of a request. */
export function submissionBody({ token, total, bytes, lines }: DeferredSubmission): StreamedBody {
  const encoder = new TextEncoder();
  let around = 0;
  for (let line = 0; line < total; line += 1) around += before(token, line).length + AFTER.length;
  // `bytes` counts a line break for each line. The body has a comma between two.
  const length = HEAD.length + around + (bytes - total) + Math.max(0, total - 1) + TAIL.length;

  async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    let text = HEAD;
    let line = 0;
    for await (const params of lines()) {
      text += `${line === 0 ? "" : ","}${before(token, line)}${params}${AFTER}`;
      line += 1;
      if (text.length < PIECE_CHARACTERS) continue;
      yield encoder.encode(text);
      text = "";
    }
    yield encoder.encode(text + TAIL);
  }
  return { length, open: () => streamOf(pieces()) };
}

/** `ReadableStream.from`, which the types of browsers lack. */
function streamOf(pieces: AsyncGenerator<Uint8Array, void, undefined>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await pieces.return();
    },
  });
}

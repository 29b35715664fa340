import { NOT_UTF8, textOf } from "./utf8.ts";

export interface TextLine {
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
  /** The reason why the line cannot be read. Then its text is an approximation. */
  readonly problem?: string;
}

/** Yields the lines that are not blank. A line ends with LF, CR or both. */
export async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<TextLine, void, undefined> {
  let number = 0;
  for await (const line of splitLines(bytes)) {
    number += 1;
    const read = decoded(line, number);
    if (read.problem !== undefined || read.text.trim() !== "") yield read;
  }
}

const LF = 0x0a;
const CR = 0x0d;

/** Splits at LF, CR, and both together. The parts of a long line are joined once, at its end. */
async function* splitLines(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let parts: Buffer[] = [];
  let endedWithCr = false;
  for await (const chunk of source) {
    let start = endedWithCr && chunk[0] === LF ? 1 : 0;
    endedWithCr = false;
    for (let end = lineEnd(chunk, start); end !== -1; end = lineEnd(chunk, start)) {
      const rest = chunk.subarray(start, end);
      yield parts.length === 0 ? rest : Buffer.concat([...parts, rest]);
      parts = [];
      start = end + 1;
      if (chunk[end] !== CR) continue;
      if (start === chunk.length) endedWithCr = true;
      else if (chunk[start] === LF) start += 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
  if (parts.length > 0) yield Buffer.concat(parts);
}

function lineEnd(chunk: Buffer, start: number): number {
  const lf = chunk.indexOf(LF, start);
  const cr = chunk.subarray(start, lf === -1 ? undefined : lf).indexOf(CR);
  return cr === -1 ? lf : start + cr;
}

/** The line as text. Its bytes are never changed silently: what is sent is paid for. */
function decoded(bytes: Buffer, number: number): TextLine {
  const text = textOf(bytes);
  return text === undefined ? { number, text: bytes.toString("latin1"), problem: NOT_UTF8 } : { number, text };
}

import type { ChunkView, StreamFormat } from "../surfaces/http-surface.ts";

/** The body of a stream whose chunks are all known. */
export function written(chunks: Iterable<object>, format: StreamFormat, view: ChunkView): string {
  const { start = "", between = "", end = "" } = format;
  const texts: string[] = [];
  for (const chunk of chunks) {
    const seen = view(chunk);
    if (seen !== undefined) texts.push(format.write(seen));
  }
  return start + texts.join(between) + end;
}

/** The body of a stream, piece by piece as its chunks arrive. */
export async function* pieces(
  chunks: AsyncIterable<object>,
  format: StreamFormat,
  view: ChunkView,
): AsyncGenerator<string, void, undefined> {
  const { start = "", between = "", end = "" } = format;
  let before = start;
  for await (const chunk of chunks) {
    const seen = view(chunk);
    if (seen === undefined) continue;
    yield before + format.write(seen);
    before = between;
  }
  const last = (before === start ? start : "") + end;
  if (last !== "") yield last;
}

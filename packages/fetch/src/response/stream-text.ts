import type { ChunkView, StreamFormat } from "../surfaces/http-surface.ts";
import { written } from "../wire/written.ts";

interface Known {
  readonly format: StreamFormat;
  readonly view: ChunkView;
  readonly text: string;
}

/** By answer: read-only callers of an entry get the same object for as long as the cache remembers the entry. */
const texts = new WeakMap<object, Known>();

/** Returns the body of the stream of a whole answer. Writes it once for consecutive callers with the same view of the same answer. */
export function streamText(
  answer: object,
  chunks: () => Iterable<object>,
  format: StreamFormat,
  view: ChunkView,
): string {
  const known = texts.get(answer);
  if (known?.format === format && known.view === view) return known.text;
  const text = written(chunks(), format, view);
  texts.set(answer, { format, view, text });
  return text;
}

import type { ChunkView, StreamFormat } from "../surfaces/http-surface.ts";
import { written } from "../wire/written.ts";

interface Known {
  readonly format: StreamFormat;
  readonly view: ChunkView;
  readonly text: string;
}

/** By the answer. The cache gives one object to all that only read the same entry, for as long as it remembers it. */
const texts = new WeakMap<object, Known>();

/** The body of the stream of a whole answer. Callers in a row that see the same of an answer get the same text, which is written once. */
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

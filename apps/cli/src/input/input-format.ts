/** The formats of an input. */
export const INPUT_FORMATS = ["jsonl", "json", "csv", "tsv"] as const;
export type InputFormat = (typeof INPUT_FORMATS)[number];

/** The format of a path by its ending, compressed or not. JSON lines by default. */
export function formatOf(path: string): InputFormat {
  const ending = /\.(\w+?)(\.(gz|zst|zstd))?$/i.exec(path)?.[1]?.toLowerCase();
  return INPUT_FORMATS.find((format) => format === ending) ?? "jsonl";
}

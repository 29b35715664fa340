import { post } from "../state/api.ts";
import { forget } from "../state/entries.ts";
import { select, selection } from "../state/selection.ts";

/** Deletes entries. Returns how many were there. */
export async function deleteEntries(keys: readonly string[]): Promise<number> {
  const { deleted } = (await (await post("delete", { keys })).json()) as { deleted: number };
  const gone = new Set(keys);
  forget(gone);
  select([...selection.value].filter((key) => !gone.has(key)));
  return deleted;
}

/** Saves entries as a file of JSON lines. Returns how many lines it has. */
export async function exportEntries(keys: readonly string[]): Promise<number> {
  const text = await (await post("export", { keys })).text();
  const [, problem] = /\n?\{"error":(".*")\}\n$/.exec(text) ?? [];
  if (problem !== undefined) throw new Error(JSON.parse(problem) as string);
  save(new Blob([text], { type: "application/x-ndjson" }), "remem-entries.jsonl");
  return text.split("\n").length - 1;
}

/** Saves a file as the browser does. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

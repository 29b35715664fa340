import type { DeferredBatchStatus, ListedBatch } from "remem";
import { type ClientFlags, createClientFor } from "../flags/client-flags.ts";
import { UsageError } from "../flags/usage-error.ts";
import { tell } from "../output/complain.ts";
import { standardOutput } from "../output/printer.ts";
import { number } from "../progress/figures.ts";
import { openMessageBatches } from "./deferred-asker.ts";

export type DeferredAction = "ls" | "show" | "cancel";

export interface DeferredFlags extends Omit<ClientFlags, "cache"> {
  readonly json?: boolean;
}

/** Lists batches that the store knows, shows the progress of one, or cancels it. */
export async function deferred(action: DeferredAction, id: string | undefined, flags: DeferredFlags): Promise<number> {
  if (action !== "ls" && id === undefined)
    throw new UsageError(`deferred ${action}: give the id of a batch, as ls shows it.`);
  if (action === "ls" && id !== undefined) throw new UsageError("deferred ls takes no id; show does.");
  const own = { ...flags, cache: "default", journal: false } as const;
  await using client = createClientFor(own);
  await using messages = openMessageBatches(own);
  const batches: ListedBatch[] = [];
  for await (const batch of client.deferredBatches()) batches.push(batch);
  for await (const batch of messages.deferredBatches()) batches.push(batch);
  if (action === "ls") return await list(batches, flags);
  const found = batches.filter(({ id: own, token }) => own === id || token.startsWith(id!));
  const [batch, ...others] = found;
  if (batch === undefined || others.length > 0) {
    tell(`remem: ${found.length === 0 ? "the store has no batches" : "several batches begin with"} ${id}`);
    return 1;
  }
  if (action === "show") return await list([await batch.refresh()], flags);
  if (batch.status === "ended") {
    tell(`remem: ${batch.id ?? batch.token} has ended`);
    return 1;
  }
  await batch.cancel();
  tell(`cancelled ${batch.id ?? batch.token}: what it has answered is stored by the next run`);
  return 0;
}

async function list(batches: readonly DeferredBatchStatus[], { json }: DeferredFlags): Promise<number> {
  const printer = standardOutput();
  for (const batch of [...batches].sort((one, other) => other.createdAt - one.createdAt)) {
    const { token, id, provider, model, status, total, counts, createdAt, problem } = batch;
    const shown = {
      id: id ?? null,
      token,
      provider,
      model,
      status,
      total,
      counts: counts ?? null,
      createdAt,
      problem: problem ?? null,
    };
    await printer.print(json ? `${JSON.stringify(shown)}\n` : `${printer.line(row(batch))}\n`);
  }
  if (batches.length === 0) console.error("remem: the store has no batches");
  return batches.length === 0 ? 1 : 0;
}

function row({ token, id, model, status, total, counts, createdAt, problem }: DeferredBatchStatus): string {
  const done = counts === undefined ? "" : `, ${number(counts.completed)} done, ${number(counts.failed)} failed`;
  const time = new Date(createdAt).toISOString().slice(0, 16).replace("T", " ");
  const words = problem === undefined ? "" : `: ${problem}`;
  return `${id ?? token} ${status} ${model} ${number(total)} requests${done}, begun ${time} UTC${words}`;
}

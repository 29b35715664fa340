import type { Scenario } from "./scenario.ts";
import { batch } from "./scenarios/batch.ts";
import { clients } from "./scenarios/clients.ts";
import { coldStart } from "./scenarios/cold-start.ts";
import { contended } from "./scenarios/contended.ts";
import { embeddings } from "./scenarios/embeddings.ts";
import { footprint } from "./scenarios/footprint.ts";
import { gateway } from "./scenarios/gateway.ts";
import { hit } from "./scenarios/hit.ts";
import { journal } from "./scenarios/journal.ts";
import { key } from "./scenarios/key.ts";
import { largeStore } from "./scenarios/large-store.ts";
import { longBatch } from "./scenarios/long-batch.ts";
import { miss } from "./scenarios/miss.ts";
import { processes } from "./scenarios/processes.ts";
import { writes } from "./scenarios/writes.ts";

/** In the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [
  key,
  hit,
  journal,
  clients,
  gateway,
  embeddings,
  batch,
  longBatch,
  largeStore,
  footprint,
  processes,
  writes,
  contended,
  miss,
  coldStart,
];

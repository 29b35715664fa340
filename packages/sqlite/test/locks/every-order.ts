import assert from "node:assert/strict";
import type { LockFiles } from "../../src/locks/lock-files.ts";
import * as lockProtocol from "../../src/locks/lock-protocol.ts";
import { run, type Step, type Steps } from "../../src/locks/steps.ts";
import { type Directories, keyOf, type MemoryFilesOptions, memoryFiles } from "./memory-files.ts";

export type Protocol = Pick<typeof lockProtocol, "tryAcquire" | "remove" | "sweep">;

export interface Model extends MemoryFilesOptions {
  /** Processes that try to acquire the lock, and release it if they got it. */
  readonly contenders: number;
  /** How often any of them repeats that. */
  readonly returns?: number;
  /** How many processes die, at any point. */
  readonly crashes?: number;
  /** How often a holder is considered dead and then continues, as after a suspension longer than its lease. */
  readonly freezes?: number;
  /** Processes that sweep and consider every file old. */
  readonly sweepers?: number;
  /** Replaces parts of our protocol. */
  readonly protocol?: Partial<Protocol>;
  /** Replaces our file operations. */
  readonly files?: (files: LockFiles) => LockFiles;
}

export interface Finding {
  readonly problem: string;
  /** The events that led to it. */
  readonly trace: readonly string[];
}

type Phase = "enter" | "hold" | "release" | "sweep" | "done" | "dead";

/** The state of a process: its phase, its token, and the results of its operations so far. */
interface Actor {
  readonly id: number;
  readonly phase: Phase;
  readonly token: string;
  readonly results: readonly unknown[];
  readonly next: IteratorResult<Step, unknown>;
  /** Its successor states by the result of the next operation. */
  readonly after: Map<string, Actor>;
}

interface World {
  readonly directories: Directories;
  readonly actors: readonly Actor[];
  readonly returns: number;
  readonly crashes: number;
  readonly freezes: number;
  /** The tokens of holders that are considered dead but continue. */
  readonly frozen: readonly string[];
}

interface Visit {
  readonly world: World;
  readonly event: string;
  readonly before: Visit | undefined;
}

const LOCK = "lock";

/**
 * Runs the protocol in every interleaving of the operations of its processes, visiting each state once, until an
 * invariant is violated.
 */
export function tryEveryOrder(model: Model): { readonly states: number; readonly finding?: Finding } {
  const protocol: Protocol = { ...lockProtocol, ...model.protocol };
  const { contenders, returns = 0, crashes = 0, freezes = 0, sweepers = 0 } = model;
  const actors = new Map<string, Actor>();
  /** What a step sees of other processes, besides the files. Undefined between steps. */
  let current: World | undefined;

  function isOver(holder: string): boolean {
    assert.ok(current, "Only a step may check this.");
    const { frozen, actors } = current;
    return frozen.includes(holder) || actors.some(({ phase, token }) => phase === "dead" && token === holder);
  }
  function seeing<T>(world: World, act: () => T): T {
    current = world;
    try {
      return act();
    } finally {
      current = undefined;
    }
  }

  function stepsOf(phase: Phase, token: string): Steps<unknown> | undefined {
    if (phase === "enter") return protocol.tryAcquire(LOCK, token, isOver);
    if (phase === "release") return protocol.remove(LOCK, token);
    if (phase !== "sweep") return undefined;
    return protocol.sweep(
      () => token,
      () => true,
    );
  }
  function beginning(phase: Phase, token: string): Actor {
    const known = actors.get(phase + token) ?? actorWith(phase, token, []);
    actors.set(phase + token, known);
    return known;
  }
  let count = 0;
  function actorWith(phase: Phase, token: string, results: readonly unknown[]): Actor {
    const next = nextOf(stepsOf(phase, token), results);
    return { id: count++, phase, token, results, next, after: new Map() };
  }

  function afterStep(world: World, place: number): World {
    const actor = world.actors[place]!;
    const memory = memoryFiles(world.directories, model);
    const files = model.files?.(memory) ?? memory;
    const result = seeing(world, () => resultOf(() => (actor.next.value as Step)(files)));
    const key = JSON.stringify(result) ?? "";
    const moved = actor.after.get(key) ?? actorWith(actor.phase, actor.token, [...actor.results, result]);
    actor.after.set(key, moved);
    return withActor({ ...world, directories: memory.directories }, place, settled(moved));
  }
  /** Moves a process to its next phase when a procedure has ended. */
  function settled(actor: Actor): Actor {
    if (!actor.next.done) return actor;
    return beginning(actor.phase === "enter" && actor.next.value === true ? "hold" : "done", actor.token);
  }

  function* after(world: World): Generator<[event: string, world: World]> {
    for (const [place, { phase, token, next, results }] of world.actors.entries()) {
      if (phase === "dead") continue;
      if (phase === "done") {
        if (world.returns === 0 || place >= contenders) continue;
        const again = beginning("enter", tokenOf(place, returns - world.returns + 1));
        yield [`${place} comes again`, { ...withActor(world, place, again), returns: world.returns - 1 }];
        continue;
      }
      if (phase === "hold") yield [`${place} has done its work`, withActor(world, place, beginning("release", token))];
      else yield [`${place} ${phase} ${results.length}: ${next.value}`, afterStep(world, place)];
      if (world.crashes > 0) {
        const dead = withActor(world, place, beginning("dead", token));
        yield [`${place} dies`, { ...dead, crashes: world.crashes - 1 }];
      }
      if (world.freezes > 0 && world.directories[LOCK]?.includes(token)) {
        yield [`${place} is stopped`, { ...world, freezes: world.freezes - 1, frozen: [...world.frozen, token] }];
      }
    }
  }

  function problemOf(world: World): string | undefined {
    const holders = world.actors.filter(({ phase, token }) => phase === "hold" && !world.frozen.includes(token));
    if (holders.length > 1) return "two hold the lock";
    if (holders.some(({ token }) => !world.directories[LOCK]?.includes(token))) return "a holder's file is missing";
    return world.actors.every(({ phase }) => phase === "done" || phase === "dead") ? problemAtTheEnd(world) : undefined;
  }
  function problemAtTheEnd(world: World): string | undefined {
    const isClean = world.crashes === crashes && world.freezes === freezes;
    if (isClean && Object.keys(world.directories).length > 0) return "something is left behind";
    const memory = memoryFiles(world.directories, model);
    const files = model.files?.(memory) ?? memory;
    const tryAcquire = (number: number) =>
      run(protocol.tryAcquire(LOCK, tokenOf(world.actors.length, number), isOver), files);
    // Twice: if an empty directory cannot be replaced, the first attempt may only remove it.
    return seeing(world, () => tryAcquire(0) || tryAcquire(1)) ? undefined : "the lock can no longer be acquired";
  }

  const all = Array.from({ length: contenders + sweepers }, (_, place) =>
    beginning(place < contenders ? "enter" : "sweep", tokenOf(place, 0)),
  );
  const seen = new Set<string>();
  const world: World = { directories: {}, actors: all, returns, crashes, freezes, frozen: [] };
  const open: Visit[] = [{ world, event: "all begin", before: undefined }];
  for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
    const problem = problemOf(visit.world);
    if (problem !== undefined) return { states: seen.size, finding: { problem, trace: traceOf(visit) } };
    for (const [event, world] of after(visit.world)) {
      const key = stateOf(world);
      if (seen.has(key)) continue;
      seen.add(key);
      open.push({ world, event, before: visit });
    }
  }
  return { states: seen.size };
}

function withActor(world: World, place: number, actor: Actor): World {
  return { ...world, actors: world.actors.with(place, actor) };
}

function stateOf({ directories, actors, returns, crashes, freezes, frozen }: World): string {
  return `${actors.map(({ id }) => id)} ${returns} ${crashes} ${freezes} ${frozen} ${keyOf(directories)}`;
}

/** Makes a valid token, with the index of the process as its pid, and a number instead of random digits. */
function tokenOf(place: number, number: number): string {
  return `${place + 1}-0-${"0".repeat(12)}-${String(number).padStart(16, "0")}`;
}

/** Returns the next operation of a procedure after these results. An error ends the procedure. */
function nextOf(steps: Steps<unknown> | undefined, results: readonly unknown[]): IteratorResult<Step, unknown> {
  if (steps === undefined) return { done: true, value: undefined };
  try {
    let turn = steps.next();
    for (const result of results) turn = isThrown(result) ? steps.throw(new Error(result.thrown)) : steps.next(result);
    return turn;
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    return { done: true, value: error };
  }
}

interface Thrown {
  readonly thrown: string;
}

function resultOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    return { thrown: (error as Error).message } satisfies Thrown;
  }
}

function isThrown(result: unknown): result is Thrown {
  return typeof result === "object" && result !== null && "thrown" in result;
}

function traceOf(visit: Visit): string[] {
  const events: string[] = [];
  for (let at: Visit | undefined = visit; at !== undefined; at = at.before) events.unshift(at.event);
  return events;
}

export interface Answer {
  readonly content: string;
  readonly response: string;
  readonly key: string;
  /** In milliseconds of a clock that all processes share. */
  readonly from: number;
  readonly to: number;
}

/** Records what happened to the processes, and their reports. */
export interface Ledger {
  called(worker: string, key: string): void;
  stored(worker: string, key: string): void;
  answered(worker: string, answer: Answer): void;
  killed(worker: string, at: number): void;
  stopped(worker: string, from: number, to: number): void;
  /** Whether the worker is waiting for the provider. */
  leads(worker: string): boolean;
  read(): {
    readonly answers: number;
    readonly calls: number;
    /** Calls beyond the first of a key, and beyond one for each time that its leader was killed. */
    readonly unexcusedCalls: number;
    readonly killsOfLeaders: number;
    readonly acknowledged: ReadonlySet<string>;
    /** By question. If a question has several answers, one of them is wrong. */
    readonly responses: ReadonlyMap<string, ReadonlySet<string>>;
    /**
     * The longest wait for an answer, minus the time that the waiting process itself was stopped, and minus the leases of its
     * leaders that were killed.
     */
    readonly longestWaitMs: number;
  };
}

/** `leaseMs` is how long a dead leader counts as alive. */
export function createLedger(leaseMs: number): Ledger {
  const callsOf = new Map<string, string[]>();
  const underWay = new Map<string, Set<string>>();
  const acknowledged = new Set<string>();
  const killedAt = new Map<string, number>();
  const stops = new Map<string, Array<readonly [from: number, to: number]>>();
  const responses = new Map<string, Set<string>>();
  const waits: Array<{ readonly worker: string; readonly answer: Answer }> = [];

  const listIn = <T>(map: Map<string, T[]>, name: string): T[] => entryIn(map, name, () => []);
  const openCalls = (worker: string): Set<string> => entryIn(underWay, worker, () => new Set());

  const wasKilledLeading = (worker: string, key: string): boolean => killedAt.has(worker) && openCalls(worker).has(key);

  function excused(waiting: string, { key, from, to }: Answer): number {
    const stopped = listIn(stops, waiting).map((stop) => Math.min(to, stop[1]) - Math.max(from, stop[0]));
    const leases = listIn(callsOf, key)
      .filter((leader) => wasKilledLeading(leader, key))
      .map((leader) => Math.min(to, killedAt.get(leader)! + leaseMs) - Math.max(from, killedAt.get(leader)!));
    return [...stopped, ...leases].reduce((sum, ms) => sum + Math.max(0, ms), 0);
  }

  return {
    called(worker, key) {
      listIn(callsOf, key).push(worker);
      openCalls(worker).add(key);
    },
    stored(worker, key) {
      acknowledged.add(key);
      openCalls(worker).delete(key);
    },
    answered(worker, answer) {
      openCalls(worker).delete(answer.key);
      entryIn(responses, answer.content, () => new Set<string>()).add(answer.response);
      waits.push({ worker, answer });
    },
    killed: (worker, at) => void killedAt.set(worker, at),
    stopped: (worker, from, to) => void listIn(stops, worker).push([from, to]),
    leads: (worker) => openCalls(worker).size > 0,
    read() {
      let calls = 0;
      let unexcusedCalls = 0;
      let killsOfLeaders = 0;
      for (const [key, workers] of callsOf) {
        const kills = workers.filter((worker) => wasKilledLeading(worker, key)).length;
        calls += workers.length;
        killsOfLeaders += kills;
        unexcusedCalls += Math.max(0, workers.length - 1 - kills);
      }
      const longestWaitMs = waits.reduce(
        (longest, { worker, answer }) => Math.max(longest, answer.to - answer.from - excused(worker, answer)),
        0,
      );
      return { answers: waits.length, calls, unexcusedCalls, killsOfLeaders, acknowledged, responses, longestWaitMs };
    },
  };
}

function entryIn<T>(map: Map<string, T>, name: string, make: () => T): T {
  const found = map.get(name) ?? make();
  map.set(name, found);
  return found;
}

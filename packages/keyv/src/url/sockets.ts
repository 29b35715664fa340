import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { CLOSE_MS } from "./backend.ts";

/** The sockets of a driver. They would keep the process alive if the server no longer answers. */
export interface Sockets {
  /** Adds a socket until it closes. */
  add(socket: Socket): Socket;
  /** Waits for all sockets to close, and destroys those that do not. */
  closed(): Promise<void>;
}

export function createSockets(): Sockets {
  const open = new Set<Socket>();
  return {
    add(socket) {
      open.add(socket);
      socket.once("close", () => open.delete(socket));
      return socket;
    },
    async closed() {
      await atMost(CLOSE_MS, Promise.all(Array.from(open, (socket) => once(socket, "close"))));
      for (const socket of open) socket.destroy();
    },
  };
}

/** Waits until the work settles, for at most `ms` milliseconds. Ignores its outcome. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  const settled = work.then(
    () => {},
    () => {},
  );
  await Promise.race([settled, pause(ms, undefined, { signal: timer.signal }).catch(() => {})]);
  timer.abort();
}

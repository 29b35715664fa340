import type { Size } from "../workload.ts";
import { crowdOf } from "./crowd.ts";

/** Lets a process of its own keep the answers to the first so many questions there, and end, before anybody else comes. */
export async function filled(directory: string, module: string, size: Size, count: number): Promise<string> {
  const crowd = crowdOf({ module, size });
  try {
    await crowd.open(directory);
    await crowd.tell("fill", () => [{ first: 0, count }]);
    await crowd.close();
  } finally {
    await crowd.end();
  }
  return directory;
}

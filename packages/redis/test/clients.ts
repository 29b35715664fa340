import * as version6 from "@redis/client";
import * as version5 from "redis-client-5";

type Library = typeof import("@redis/client");

/** The client libraries that the store supports. */
export const CLIENTS: ReadonlyArray<readonly [version: string, Library]> = [
  ["version 5", version5 as unknown as Library],
  ["version 6", version6],
];

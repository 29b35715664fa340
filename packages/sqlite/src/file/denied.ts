import { dirname, join } from "node:path";
import { messageOf } from "@remem/core/plugin";

/** Returns the message of a failure. For a refusal by Node's permission model: the flags that the cache needs. */
export function reasonOf(cause: unknown, path: string): string {
  if ((cause as NodeJS.ErrnoException | undefined)?.code !== "ERR_ACCESS_DENIED") return messageOf(cause);
  const files = join(dirname(path), "*");
  return `Node's permission model denies it. Run node with --allow-fs-read=${files} --allow-fs-write=${files}`;
}

import { readFileSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileIdentity } from "./file-identity.ts";

/**
 * Resolves a path to the one name that all processes must use: the journals and the locks of a file lie next to it. Follows
 * symbolic links, even one whose target does not exist yet, and mounts of a single file whose directory is also visible.
 */
export function realPathOf(path: string): string {
  const real = followLinks(path);
  return pathBehindMount(real) ?? real;
}

/** How many links Linux follows. */
const MAX_LINKS = 40;

function followLinks(path: string, links: number = MAX_LINKS): string {
  const real = attempt(() => realpathSync.native(path));
  if (real !== undefined || links === 0 || dirname(path) === path) return real ?? path;
  const parent = followLinks(dirname(path), links - 1);
  const target = attempt(() => readlinkSync(join(parent, basename(path))));
  return target === undefined ? join(parent, basename(path)) : followLinks(resolve(parent, target), links - 1);
}

interface Mount {
  readonly device: string;
  /** The mounted path in its file system. */
  readonly root: string;
  readonly point: string;
}

/** Whether the file alone is mounted at this path, and its directory is not visible. */
export const isFileMount = (path: string): boolean => mounts().some(({ point }) => point === path);

/** Returns the path of a mounted file within a mount of its directory, if there is one. */
function pathBehindMount(path: string): string | undefined {
  const all = mounts();
  const mount = all.findLast(({ point }) => point === path);
  if (mount === undefined) return undefined;
  const identity = fileIdentity(path);
  return all
    .filter(({ device, root }) => device === mount.device && mount.root.startsWith(root === "/" ? root : `${root}/`))
    .map(({ root, point }) => join(point, mount.root.slice(root.length)))
    .find((candidate) => !all.some(({ point }) => point === candidate) && fileIdentity(candidate) === identity);
}

/** Reads the mounts of Linux (proc_pid_mountinfo(5)). Other systems mount directories alone. */
function mounts(): Mount[] {
  const lines = attempt(() => readFileSync("/proc/self/mountinfo", "utf8").split("\n")) ?? [];
  return lines.slice(0, -1).map((line) => {
    const [, , device, root, point] = line.split(" ", 5) as [string, string, string, string, string];
    return { device, root: unescaped(root), point: unescaped(point) };
  });
}

const unescaped = (path: string): string =>
  path.replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

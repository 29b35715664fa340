import { arch, cpus, platform, totalmem } from "node:os";

/** Describes the machine, as far as figures depend on it. */
export function describeMachine(): string[] {
  const [first] = cpus();
  return [
    `Node ${process.versions.node}`,
    `SQLite ${process.versions.sqlite ?? "unknown"}`,
    `${cpus().length} x ${first?.model ?? "unknown CPU"}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `${platform()} ${arch()}`,
  ];
}

import { type ForkOptions, spawnSync } from "node:child_process";

const [command, ...flags] = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"] as const;

/** Options of `startChild` that give the process a PID namespace of its own, as in another container. */
export const CONTAINED: Pick<ForkOptions, "execPath" | "execArgv"> = {
  execPath: command,
  execArgv: [...flags, process.execPath],
};

/** The same, with another boot id, as LXC and systemd-nspawn give to their containers. */
export const CONTAINED_WITH_OTHER_BOOT: Pick<ForkOptions, "execPath" | "execArgv"> = {
  execPath: command,
  execArgv: [
    ...flags,
    "sh",
    "-c",
    'mount --bind /proc/sys/kernel/random/uuid /proc/sys/kernel/random/boot_id && exec "$0" "$@"',
    process.execPath,
  ],
};

/** Whether this process may create PID namespaces. */
export const canContain: boolean = spawnSync(command, [...flags, "true"]).status === 0;
if (!canContain && process.platform === "linux" && process.env.CI) throw new Error("CI needs unshare, as root.");

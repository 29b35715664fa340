import { execFile } from "node:child_process";

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Whose variables would change what an example does. */
const OURS = /^(OPENAI|AZURE|OPENROUTER|DASHSCOPE|REMEM|REDIS)_/;

/** Runs a program to its end, in an environment that says nothing of models and stores but what is given. */
export function run(
  file: string,
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(([name]) => !OURS.test(name));
  return new Promise((resolve) => {
    const child = execFile(file, args, { cwd, env: { ...Object.fromEntries(inherited), ...env } }, (_, out, err) =>
      resolve({ status: child.exitCode, out, err }),
    );
  });
}

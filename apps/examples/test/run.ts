import { execFile } from "node:child_process";

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Variables that would change the behaviour of an example. */
const OURS = /^(OPENAI|AZURE|ANTHROPIC|GOOGLE|GEMINI|GROQ|MISTRAL|OLLAMA|LANGCHAIN|OPENROUTER|DASHSCOPE|REMEM|REDIS)_/;

/** Runs a program to its end. Its environment contains only the given variables about models and stores. */
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

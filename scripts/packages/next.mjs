import assert from "node:assert/strict";
import { run } from "../steps.mjs";

const TOOLS = ["next@16.4.6", "react@19.3.1", "react-dom@19.3.1"];

/** Shows a route and a page of Next.js, with no configuration. */
export async function next({ project, server }) {
  const { cwd, env } = project("next", { topic: "next" });
  Object.assign(env, { OPENAI_BASE_URL: server.baseURL, NEXT_TELEMETRY_DISABLED: "1" });
  await run("npm", ["install", "--ignore-scripts", "remem", "@remem/redis", ...TOOLS], { cwd, env });
  await run("npx", ["next", "build"], { cwd, env });
  const { stdout, stderr } = await run("node", ["serve.mjs"], { cwd, env });
  assert.deepEqual(
    { stdout, stderr },
    { stdout: "/api/ask provider\n/api/ask store\n/ provider\n/ store\n", stderr: "" },
  );
}

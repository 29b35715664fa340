// Starts the built application, asks it, and prints its answers and complaints.
import { spawn } from "node:child_process";
import { createServer } from "node:net";

const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const next = spawn(process.execPath, ["node_modules/next/dist/bin/next", "start", "-H", "127.0.0.1", "-p", `${port}`]);
next.stderr.pipe(process.stderr);
const ready = Promise.withResolvers();
next.on("exit", () => ready.reject(new Error("next start has ended")));
next.stdout.on("data", (text) => String(text).includes("Ready") && ready.resolve());
try {
  await ready.promise;
  for (const path of ["/api/ask", "/api/ask", "/", "/"]) {
    const text = await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    console.log(path, /<p>(.*?)<\/p>/.exec(text)?.[1] ?? text.slice(0, 500));
  }
} finally {
  next.kill();
}

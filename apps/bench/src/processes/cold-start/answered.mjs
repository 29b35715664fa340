import { writeSync } from "node:fs";

let answer;

process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  writeSync(1, JSON.stringify({ cpuUs: user + system, answer }));
});

/** Records the answer, which is printed with the CPU time when the process ends. */
export function answered(text) {
  answer = text;
}

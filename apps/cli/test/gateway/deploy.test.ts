import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { createProgram } from "../../src/program/program.ts";

const read = (name: string): string =>
  readFileSync(new URL(`../../../gateway/deploy/${name}`, import.meta.url), "utf8");

/** The flags and the values of `remem serve` with these arguments. Throws for what the command would refuse. */
async function served(args: readonly string[]): Promise<Record<string, unknown>> {
  const program = createProgram("0.0.0", () => {}).configureOutput({ writeErr: () => {} });
  const serve = program.commands.find((command) => command.name() === "serve")!;
  let flags: Record<string, unknown> = {};
  serve.action((given) => {
    flags = given;
  });
  await program.parseAsync(args, { from: "user" });
  return flags;
}

const listOf = (text: string | undefined): string[] => JSON.parse(text ?? "") as string[];

test("the command line of the image is one of the command", async () => {
  const file = read("Containerfile");
  expect(listOf(/^ENTRYPOINT (.*)$/m.exec(file)?.[1])).toEqual(["remem"]);
  const args = listOf(/^CMD (\[.*\])$/m.exec(file)?.[1]);
  expect(await served(args)).toMatchObject({ host: "0.0.0.0", port: 8787, log: true, workers: 1 });
  expect(file).toMatch(/^EXPOSE 8787$/m);
  expect(file).toMatch(/^USER node$/m);
  const [command, flag, code] = listOf(/^HEALTHCHECK .*\\\n +CMD (\[.*\])$/m.exec(file)?.[1]);
  expect([command, flag]).toEqual(["node", "-e"]);
  expect(() => new Function(code!)).not.toThrow();
  expect(code).toContain("http://127.0.0.1:8787/readyz");
});

test("the services of compose.yaml fit each other, the image and the command", async () => {
  const { services, volumes } = parse(read("compose.yaml"));
  const { gateway, redis } = services;
  expect(await served(gateway.command)).toMatchObject({
    host: "0.0.0.0",
    port: 8787,
    store: "redis://redis:6379",
    workers: 2,
    log: true,
  });
  expect(gateway.build).toEqual({ context: ".", dockerfile: "Containerfile" });
  expect(gateway.ports).toEqual(["8787:8787"]);
  expect(Object.keys(gateway.depends_on)).toEqual(["redis"]);
  expect(redis.healthcheck.test).toEqual(["CMD", "redis-cli", "ping"]);
  expect(redis.volumes).toEqual(["redis:/data"]);
  expect(Object.keys(volumes)).toEqual(["redis"]);
  const home = /^WORKDIR (.*)$/m.exec(read("Containerfile"))?.[1];
  expect(gateway.volumes).toEqual([`./remem.config.yaml:${home}/remem.config.yaml:ro`]);
  expect(Number.parseInt(gateway.stop_grace_period, 10)).toBeGreaterThan(30);
});

test("the image and the unit give Node the same options, which it accepts", () => {
  const inImage = /^ENV NODE_OPTIONS=(.*)$/m.exec(read("Containerfile"))?.[1];
  expect(/^Environment=NODE_OPTIONS=(.*)$/m.exec(read("remem-gateway.service"))?.[1]).toBe(inImage);
  const { status, stderr } = spawnSync(process.execPath, ["--eval", ""], {
    env: { NODE_OPTIONS: inImage },
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test("the unit of systemd starts the command, and lets it end", async () => {
  const unit = read("remem-gateway.service");
  const [program, name, ...args] = /^ExecStart=(.*)$/m.exec(unit)![1]!.split(" ");
  expect([program, name]).toEqual(["/usr/bin/env", "remem"]);
  expect(await served(args)).toMatchObject({ host: "127.0.0.1", port: 8787, workers: 2, log: true });
  expect(Number(/^TimeoutStopSec=(\d+)s$/m.exec(unit)?.[1])).toBeGreaterThan(30);
  expect(unit).not.toContain("MemoryDenyWriteExecute"); // V8 compiles.
});

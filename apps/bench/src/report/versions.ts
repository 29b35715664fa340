import { readFileSync } from "node:fs";

/** What remem is measured beside, by its folder in node_modules. */
const PEERS = [
  "keyv-6",
  "keyv",
  "@keyv/sqlite",
  "@keyv/redis",
  "cacheable",
  "cache-manager",
  "@epic-web/cachified",
  "bentocache",
  "kysely",
  "better-sqlite3",
  "ioredis",
  "ai",
  "@langchain/core",
  "@langchain/redis",
  "openai",
];

/** As they are installed: `keyv 6.1.0`. */
export function describePeers(): string[] {
  return PEERS.map((folder) => {
    const manifest = new URL(`../../node_modules/${folder}/package.json`, import.meta.url);
    const { name, version } = JSON.parse(readFileSync(manifest, "utf8"));
    return `${name} ${version}`;
  });
}

import { join } from "node:path";
import { createClient } from "@remem/core";
import { sqliteStore } from "@remem/sqlite";
import { answered } from "./answered.mjs";

const [, , directory, request] = process.argv;
const client = createClient({
  provider: { specVersion: 1, id: "none", generate: () => Promise.reject(new Error("There is no model.")) },
  store: sqliteStore({ path: join(directory, "cache.sqlite") }),
  params: { model: "gpt-4o-mini" },
});
const { messages, ...params } = JSON.parse(request);
const { response } = await client.infer(messages, params);
answered(response);
await client.close();

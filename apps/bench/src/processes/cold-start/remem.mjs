import { join } from "node:path";
import { createRemem } from "remem";
import { answered } from "./answered.mjs";

const [, , directory, request] = process.argv;
const client = createRemem({ store: `sqlite:${join(directory, "cache.sqlite")}` });
const { messages, ...params } = JSON.parse(request);
const { response } = await client.infer(messages, params);
answered(response);
await client.close();

import { hash } from "node:crypto";
import { join } from "node:path";
import { createKeyv } from "@keyv/sqlite";
import { answered } from "./answered.mjs";

const [, , directory, request] = process.argv;
const keyv = createKeyv(`sqlite://${join(directory, "cache.sqlite")}`);
const completion = await keyv.get(hash("sha256", request));
answered(completion.choices[0].message.content);
await keyv.disconnect();

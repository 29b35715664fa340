// Writes remem.config.schema.json, which editors read: `pnpm config-schema`.
import { writeFileSync } from "node:fs";
import { toJsonSchema } from "@valibot/to-json-schema";
import * as valibot from "valibot";
import { configSchema } from "../../src/config/schema.ts";

/** The text of the JSON Schema of a configuration file. */
export function configSchemaText(): string {
  // What JSON cannot hold needs no rule.
  const schema = toJsonSchema(configSchema(valibot), { ignoreActions: ["finite"] });
  return `${JSON.stringify(schema, null, 2)}\n`;
}

if (import.meta.main) writeFileSync(new URL("../../remem.config.schema.json", import.meta.url), configSchemaText());

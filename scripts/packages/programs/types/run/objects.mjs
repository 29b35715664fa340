// Schemas of four libraries: each object is validated on a miss and on a hit.
import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import { createRemem, memoryStore } from "remem";
import * as v from "valibot";
import { z } from "zod";

const schemas = {
  zod: z.object({ zod: z.string(), count: z.number() }),
  valibot: toStandardJsonSchema(v.object({ valibot: v.string(), count: v.number() })),
  arktype: type({ arktype: "string", count: "number" }),
  "JSON Schema": z.toJSONSchema(z.object({ schema: z.string(), count: z.number() })),
};

const client = createRemem({ store: memoryStore() });
for (const [name, schema] of Object.entries(schemas)) {
  const before = client.stats().providerCalls;
  const first = await client.infer("Give me an object.", {}, { schema });
  const second = await client.infer("Give me an object.", {}, { schema });
  const isEqual = typeof first.object.count === "number" && second.object.count === first.object.count;
  console.log(name, client.stats().providerCalls - before, isEqual);
}
await client.close();

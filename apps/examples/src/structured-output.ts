// Asks for structured output: `object` is the validated and typed answer, on a miss and on a hit.
import { createRemem, SchemaMismatchError } from "remem";
import { z } from "zod";

const City = z.object({
  name: z.string(),
  inhabitants: z.number().int().describe("of the municipality"),
});

await using client = createRemem();
try {
  const { object, cacheHit } = await client.infer("The largest city of Norway.", {}, { schema: City, retries: 1 });
  console.log(`${object.name} has ${object.inhabitants} inhabitants (${cacheHit ? "read" : "paid for"})`);
} catch (error) {
  if (!SchemaMismatchError.is(error)) throw error;
  console.error("The model never gave a city:", error.issues);
}

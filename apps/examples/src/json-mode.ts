// Uses JSON mode: `response` is JSON without a Markdown fence, and remem never stores an answer that does not parse.
import { createRemem } from "remem";

await using client = createRemem();
const schema = {
  type: "object",
  properties: { name: { type: "string" }, inhabitants: { type: "integer" } },
  required: ["name", "inhabitants"],
  additionalProperties: false,
};

const { response, cacheHit } = await client.infer({
  messages: "The largest city of Norway, as JSON.",
  response_format: { type: "json_schema", json_schema: { name: "city", strict: true, schema } },
});
const { name, inhabitants } = JSON.parse(response) as { readonly name: string; readonly inhabitants: number };
console.log(`${name} has ${inhabitants} inhabitants (${cacheHit ? "read" : "paid for"})`);

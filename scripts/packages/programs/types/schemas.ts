// The option `schema` types the object of an answer.
import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import { type Client, isAnswer, SchemaMismatchError } from "remem";
import * as v from "valibot";
import { z } from "zod";

declare const client: Client;

const Person = z.object({ name: z.string(), born: z.string().transform((text) => new Date(text)) });

export async function zod() {
  const result = await client.infer("Who?", {}, { schema: Person, retries: 1 });
  const { name, born }: { name: string; born: Date } = result.object;
  // @ts-expect-error there is no such member
  const missing: unknown = result.object.age;
  const one = await client.infer({ messages: "Who?", temperature: 0 }, { schema: Person });
  return [name, born, missing, one.object.born.getTime()];
}

export async function valibot() {
  const schema = v.object({ name: v.string() });
  const bare = await client.infer("Who?", {}, { schema });
  const written = await client.infer("Who?", {}, { schema: toStandardJsonSchema(schema) });
  return bare.object.name.length + written.object.name.length;
}

export async function arktype() {
  const result = await client.infer("Who?", {}, { schema: type({ name: "string", "age?": "number" }) });
  const age: number | undefined = result.object.age;
  return [result.object.name.length, age];
}

export async function plain() {
  const schema = z.toJSONSchema(z.object({ name: z.string() }));
  const unknown: unknown = (await client.infer("Who?", {}, { schema })).object;
  const literal = { type: "object", properties: { name: { type: "string" } }, required: ["name"] } as const;
  const named = await client.infer<{ name: string }>("Who?", {}, { schema: literal });
  return [unknown, named.object.name];
}

export async function batches() {
  const results = await client.batchInfer(["a", "b"], {}, { schema: Person });
  const names: string[] = results.filter(isAnswer).map(({ object }) => object.name);
  for await (const result of client.inferEach(["a"], { schema: Person })) {
    if (!result.error) names.push(result.object.name);
    else if (SchemaMismatchError.is(result.error)) names.push(...result.error.issues.map(({ path }) => path));
  }
  return names;
}

// @ts-expect-error no schema
client.infer("Who?", {}, { schema: "person" });
